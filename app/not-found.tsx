import Link from 'next/link'
import { Prose, PublicPage } from './_ui/public-page.tsx'

export const metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <PublicPage>
      <Prose title="There is nothing at this address">
        <p>The page was moved, never was here, or is not for you.</p>
        <Link href="/">To the start</Link>
      </Prose>
    </PublicPage>
  )
}
