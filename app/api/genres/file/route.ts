import { serve, serveFile } from '#app/api/serve.ts'
import { requestLoads } from '#inngest/events.ts'
import { importGenres as add } from '#lib/accounts/genres.ts'
import { connectionsToBuild } from '#lib/accounts/status.ts'
import { getGenresFile, importGenres } from '#lib/api/genres.ts'
import { genresFile } from '#lib/query/genres.ts'

export const GET = serveFile(getGenresFile, ({ listener }) => genresFile(listener.id))

export const PUT = serve(importGenres, async ({ listener, body }) => {
  const counts = await add(listener, body.csv)
  if (counts.saved > 0) await requestLoads(await connectionsToBuild(listener))
  return counts
})
