import { serveFile } from '#app/api/serve.ts'
import { getLakeFiles } from '#lib/api/lake.ts'
import { downloadLake } from '#lib/lake/connection.ts'

export const GET = serveFile(getLakeFiles, ({ listener }) => downloadLake(listener.id))
