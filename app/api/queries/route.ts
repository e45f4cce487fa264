import { serve } from '#app/api/serve.ts'
import * as sql from '#lib/api/sql.ts'
import { deleteQuery, listQueries, saveQuery } from '#lib/sql/saved-queries.ts'

export const GET = serve(sql.getQueries, ({ listener }) => listQueries(listener.id))

export const POST = serve(sql.saveQuery, ({ listener, body }) => saveQuery(listener.id, body))

export const DELETE = serve(sql.deleteQuery, ({ listener, body: { id } }) => deleteQuery(listener.id, id))
