import { serve } from '#app/api/serve.ts'
import { requestLoads } from '#inngest/events.ts'
import { setGenres as set } from '#lib/accounts/genres.ts'
import { connectionsToBuild } from '#lib/accounts/status.ts'
import { getGenres, setGenres } from '#lib/api/genres.ts'
import { genresOf } from '#lib/query/genres.ts'

export const GET = serve(getGenres, ({ listener, query }) => genresOf(listener.id, query))

export const PUT = serve(setGenres, async ({ listener, body }) => {
  const artist = await set(listener, body)
  // The loader also builds the models.
  await requestLoads(await connectionsToBuild(listener))
  return artist
})
