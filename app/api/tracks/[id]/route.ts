import { serve } from '#app/api/serve.ts'
import { getTrack } from '#lib/api/music.ts'
import { findTrack } from '#lib/query/music.ts'

export const GET = serve(getTrack, ({ listener, params: { id }, query }) => findTrack(listener.id, id, query))
