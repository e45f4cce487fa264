import { serveJsonOrFile } from '#app/api/serve.ts'
import { runSql } from '#lib/api/sql.ts'
import { runForFile, runTyped } from '#lib/sql/run.ts'

export const POST = serveJsonOrFile(runSql, ({ listener, body: { format, ...query } }, { signal }) =>
  format ? runForFile(listener.id, query, { name: 'query', format }, signal) : runTyped(listener.id, query, signal),
)
