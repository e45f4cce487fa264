import Link from 'next/link'
import { MessagePage } from './_ui/message-page.tsx'

export const metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <main>
      <MessagePage title="There is nothing at this address">
        <p>The page was moved, never was here, or is not for you.</p>
        <Link href="/">To the start</Link>
      </MessagePage>
    </main>
  )
}
