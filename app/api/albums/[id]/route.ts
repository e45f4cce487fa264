import { serve } from '#app/api/serve.ts'
import { getAlbum } from '#lib/api/music.ts'
import { findAlbum } from '#lib/query/music.ts'

export const GET = serve(getAlbum, ({ listener, params: { id }, query }) => findAlbum(listener.id, id, query))
