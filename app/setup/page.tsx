import { notFound } from 'next/navigation'
import { PublicPage } from '#app/_ui/public-page.tsx'
import { canSeeSetup } from '#lib/accounts/setup.ts'
import { Setup } from './setup.tsx'
import { setupVisitor } from './visitor.ts'

export const metadata = { title: 'Set up' }

export default async function SetupPage() {
  if (!(await canSeeSetup(await setupVisitor(null)))) notFound()
  return (
    <PublicPage>
      <Setup />
    </PublicPage>
  )
}
