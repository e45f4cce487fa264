import { serveFile } from '#app/api/serve.ts'
import { getRejectedRows } from '#lib/api/imports.ts'
import { rejectedRows } from '#lib/imports/imports.ts'

export const GET = serveFile(getRejectedRows, ({ listener, params: { id } }) => rejectedRows(listener, id))
