import { serveJsonOrFile } from '#app/api/serve.ts'
import { runQuery } from '#lib/api/sql.ts'
import { runForFile, runForRows } from '#lib/sql/run.ts'
import { findQuery } from '#lib/sql/saved-queries.ts'

export const GET = serveJsonOrFile(
  runQuery,
  async ({ listener, params: { name }, query: { format, ...params } }, { signal }) => {
    const { sql } = await findQuery(listener.id, name)
    const query = { sql, params }
    return format ? runForFile(listener.id, query, { name, format }, signal) : runForRows(listener.id, query, signal)
  },
)
