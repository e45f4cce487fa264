import { serve } from '#app/api/serve.ts'
import { getArtist } from '#lib/api/music.ts'
import { findArtist } from '#lib/query/music.ts'

export const GET = serve(getArtist, ({ listener, params: { id }, query }) => findArtist(listener.id, id, query))
