import { serve } from '#app/api/serve.ts'
import { clearSqlHistory, getSqlHistory } from '#lib/api/sql.ts'
import { clearRuns, listRuns } from '#lib/sql/history.ts'

export const GET = serve(getSqlHistory, ({ listener }) => listRuns(listener.id))

export const DELETE = serve(clearSqlHistory, ({ listener }) => clearRuns(listener.id))
