import { z } from 'zod'
import { Prose, PublicPage } from '#app/_ui/public-page.tsx'
import type { SearchParams } from '#app/search-params.ts'

export const metadata = { title: 'Account deleted' }

/** The counts of the receipt. They come in the address, because the session has ended. */
const Receipt = z.object({
  receipt: z.string().regex(/^[\w-]{1,64}$/),
  at: z.iso.datetime(),
  rows: z.coerce.number().int().nonnegative(),
  objects: z.coerce.number().int().nonnegative(),
  files: z.coerce.number().int().nonnegative(),
  /** In the data lake. Missing in addresses of earlier versions. */
  published: z.coerce.number().int().nonnegative().default(0),
  deleted: z.coerce.number().int().nonnegative().default(0),
  left: z.coerce.number().int().nonnegative().default(0),
})

export default async function ErasedPage({ searchParams }: { searchParams: SearchParams }) {
  const receipt = Receipt.safeParse(await searchParams)
  return (
    <PublicPage>
      <Prose title="Account deleted">
        <p>Your account and all your data are deleted from this installation, and you’re signed out.</p>
        {receipt.success && (
          <>
            <h2>Receipt {receipt.data.receipt}</h2>
            <ul>
              <li>{receipt.data.rows} database records</li>
              <li>{receipt.data.objects} stored responses from Spotify</li>
              <li>{receipt.data.files} warehouse files</li>
              {receipt.data.published > 0 && <li>{receipt.data.published} published files</li>}
              {receipt.data.deleted > 0 && <li>{receipt.data.deleted} objects and versions in your S3 bucket</li>}
              <li>deleted on {receipt.data.at.replace('T', ' at ').replace(/\.\d+Z$|Z$/, ' UTC')}</li>
            </ul>
            {receipt.data.left > 0 && (
              <p>
                Your S3 bucket couldn’t be used, so {receipt.data.left} published objects are still in it. Delete them
                there.
              </p>
            )}
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
