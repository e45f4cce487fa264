import { serveFile } from '#app/api/serve.ts'
import { getTable } from '#lib/api/tables.ts'
import { downloadTable } from '#lib/query/tables.ts'

export const GET = serveFile(getTable, ({ listener, params: { file } }) => downloadTable(listener.id, file))
