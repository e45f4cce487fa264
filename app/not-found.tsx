import { Link } from './_ui/link.tsx'
import { MessagePage } from './_ui/message-page.tsx'

export const metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <main>
      <MessagePage title="Page not found">
        <p>This page doesn’t exist, or you can’t open it.</p>
        <Link href="/">Go to the start page</Link>
      </MessagePage>
    </main>
  )
}
