import { PublicPage } from '../_ui/public-page.tsx'
import { Setup } from './setup.tsx'

export const metadata = { title: 'Set up' }

// The address behind it decides who may see and change anything; for others there is nothing to see here.
export default function SetupPage() {
  return (
    <PublicPage>
      <Setup />
    </PublicPage>
  )
}
