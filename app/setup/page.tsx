import { notFound } from 'next/navigation'
import { PublicPage } from '#app/_ui/public-page.tsx'
import { seesSetup } from '#lib/accounts/setup.ts'
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
