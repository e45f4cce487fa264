import { serve } from '#app/api/serve.ts'
import { search } from '#lib/api/music.ts'
import { searchMusic } from '#lib/query/search.ts'

export const GET = serve(search, ({ listener, query: { q } }) => searchMusic(listener.id, q))
