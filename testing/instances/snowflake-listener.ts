import { z } from 'zod'
import type { SnowflakeForm } from '#lib/api/warehouse.ts'
import type { Row } from '#lib/core/table.ts'
import { setupScript } from '#lib/warehouse/snowflake/setup/script.ts'
import { remoteSnowflake } from '#testing/snowflake/remote.ts'
import { ACCOUNT } from '#testing/snowflake/server.ts'
import type { Visitor } from './visitor.ts'

const MAX_ROWS = 100_000

/** Connects the listener's Snowflake as a person does: with the setup script and the form. */
export async function connectSnowflake(visitor: Visitor, url: string, listener: string): Promise<void> {
  const name = listener.replaceAll('-', '_').toUpperCase()
  const form: SnowflakeForm = {
    account: ACCOUNT,
    user: `U_${name}`,
    method: 'key pair',
    role: `R_${name}`,
    warehouse: `W_${name}`,
    database: `D_${name}`,
    schema: 'RAW',
    tokenEndsOn: null,
  }
  const Shown = z.object({ instanceId: z.string(), key: z.object({ publicKey: z.string() }) })
  const { instanceId, key } = await visitor.json('/api/warehouse', Shown)
  await remoteSnowflake(url).runScript(setupScript({ ...form, instanceId, publicKey: key.publicKey }))
  const saved = await visitor.request('/api/warehouse', { method: 'PUT', json: form })
  const result = z.looseObject({ saved: z.boolean() }).parse(await saved.json())
  if (!result.saved) throw new Error(`Snowflake wasn't connected: ${JSON.stringify(result)}`)
}

/** Rows of a table in a listener's Snowflake. The settings of the instance must be in the environment. */
export async function readSnowflake(userId: string, table: string, columns = '*'): Promise<Row[]> {
  // Imported late because these read the settings when they are loaded.
  const { db } = await import('#lib/db.ts')
  const { withSession } = await import('#lib/load/external/session.ts')
  const connection = await db().warehouseConnection.findUniqueOrThrow({
    where: { userId_kind: { userId, kind: 'snowflake' } },
  })
  return withSession(connection, { runId: null, tag: { for: 'test' } }, async (warehouse) => {
    if ((await warehouse.existing('raw', [table])).length === 0) return []
    return warehouse.query(`select ${columns} from ${warehouse.table('raw', table)}`, [], { limit: MAX_ROWS })
  })
}
