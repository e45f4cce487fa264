import { serveFile } from '#app/api/serve.ts'
import { getExport } from '#lib/api/tables.ts'
import { downloadEverything } from '#lib/query/tables.ts'

export const GET = serveFile(getExport, ({ listener, query: { format } }) => downloadEverything(listener.id, format))
