import { Link } from '#app/_ui/link.tsx'
import { MessagePage } from '#app/_ui/message-page.tsx'
import { SearchYourMusic } from '#app/_ui/search/search.tsx'

export const metadata = { title: 'Not found' }

/** Beside the sidebar, for example for a song that the listener doesn't have. */
export default function NotFound() {
  return (
    <MessagePage title="Page not found">
      <p>
        This page doesn’t exist, or you can’t open it. Music has a page if you played it, liked it or have it in a
        playlist.
      </p>
      <SearchYourMusic />
      <Link href="/overview">Go to the overview</Link>
    </MessagePage>
  )
}
