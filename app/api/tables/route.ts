import { serve } from '#app/api/serve.ts'
import { getTables } from '#lib/api/tables.ts'
import { listTables } from '#lib/query/tables.ts'

export const GET = serve(getTables, ({ listener }) => listTables(listener.id))
