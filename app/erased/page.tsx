import { z } from 'zod'
import { Prose, PublicPage } from '#app/_ui/public-page.tsx'
import type { SearchParams } from '#app/search-params.ts'

export const metadata = { title: 'Everything is deleted' }

/** The counts of an EraseAnswer; the address carries them because there is no session any more. */
const Receipt = z.object({
  receipt: z.string().regex(/^[\w-]{1,64}$/),
  at: z.iso.datetime(),
  rows: z.coerce.number().int().nonnegative(),
  objects: z.coerce.number().int().nonnegative(),
  files: z.coerce.number().int().nonnegative(),
})

export default async function ErasedPage({ searchParams }: { searchParams: SearchParams }) {
  const receipt = Receipt.safeParse(await searchParams)
  return (
    <PublicPage>
      <Prose title="Everything is deleted">
        <p>Your account and all your data are gone from this installation, and you are signed out.</p>
        {receipt.success && (
          <>
            <h2>Receipt {receipt.data.receipt}</h2>
            <ul>
              <li>{receipt.data.rows} rows of the app&apos;s database</li>
              <li>{receipt.data.objects} landed answers of Spotify</li>
              <li>{receipt.data.files} warehouse files</li>
              <li>deleted on {receipt.data.at.replace('T', ' at ').replace(/\.\d+Z$|Z$/, ' UTC')}</li>
            </ul>
          </>
        )}
        <p>
          Spotify still lists the app until you remove it in your{' '}
          <a href="https://www.spotify.com/account/apps/">Spotify account</a>.
        </p>
      </Prose>
    </PublicPage>
  )
}
