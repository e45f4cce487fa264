import { serve } from '#app/api/serve.ts'
import { cancelSql } from '#lib/api/sql.ts'
import { cancelTyped } from '#lib/sql/run.ts'

export const POST = serve(cancelSql, async ({ listener }) => ({ cancelled: cancelTyped(listener.id) }))
