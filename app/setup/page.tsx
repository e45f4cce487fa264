import { notFound } from 'next/navigation'
import { seesSetup } from '../../lib/listener/setup.ts'
import { PublicPage } from '../_ui/public-page.tsx'
import { Setup } from './setup.tsx'
import { setupVisitor } from './visitor.ts'

export const metadata = { title: 'Set up' }

export default async function SetupPage() {
  if (!(await seesSetup(await setupVisitor(null)))) notFound()
  return (
    <PublicPage>
      <Setup />
    </PublicPage>
  )
}
