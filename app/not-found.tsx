import { SearchProvider, SearchYourMusic } from '#app/_ui/search/search.tsx'
import { currentListener } from '#lib/auth/auth.ts'
import { Link } from './_ui/link.tsx'
import { MessagePage } from './_ui/message-page.tsx'

export const metadata = { title: 'Not found' }

export default async function NotFound() {
  const listener = await currentListener()
  return (
    <main>
      <MessagePage title="Page not found">
        <p>This page doesn’t exist, or you can’t open it.</p>
        {listener && (
          <SearchProvider>
            <SearchYourMusic />
          </SearchProvider>
        )}
        <Link href="/">Go to the start page</Link>
      </MessagePage>
    </main>
  )
}
