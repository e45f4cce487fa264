import { z } from 'zod'
import type { SnowflakeForm } from '#lib/api/warehouse.ts'
import type { Row } from '#lib/core/table.ts'
import { setupScript } from '#lib/warehouse/snowflake/setup/script.ts'
import { remoteSnowflake } from '#testing/snowflake/remote.ts'
import { ACCOUNT } from '#testing/snowflake/server.ts'
import type { Visitor } from './visitor.ts'

const MAX_ROWS = 100_000

/** Connects the listener's Snowflake as a person does: the printed script, the form, and a load after every extract. */
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
  const { key } = await visitor.json('/api/warehouse', z.object({ key: z.object({ publicKey: z.string() }) }))
  await remoteSnowflake(url).runScript(setupScript({ ...form, publicKey: key.publicKey }))
  const saved = await visitor.request('/api/warehouse', { method: 'PUT', json: form })
  const said = z.object({ saved: z.boolean() }).parse(await saved.json())
  if (!said.saved) throw new Error(`Snowflake was not connected: ${JSON.stringify(said)}`)
  await visitor.request('/api/warehouse/settings', { method: 'PUT', json: { cadence: 'every extract' } })
}

/** Rows of a table in a listener's Snowflake; the settings of the instance have to stand in the environment. */
export async function readSnowflake(userId: string, table: string, columns = '*'): Promise<Row[]> {
  // Not before the settings are made: the door to the database reads them when it is opened.
  const { db } = await import('#lib/db.ts')
  const { withSession: inSession } = await import('#lib/load/external/session.ts')
  const connection = await db().warehouseConnection.findUniqueOrThrow({
    where: { userId_kind: { userId, kind: 'snowflake' } },
  })
  return inSession(connection, { runId: null, tag: { for: 'test' } }, async (warehouse) => {
    if ((await warehouse.existing('raw', [table])).length === 0) return []
    return warehouse.query(`select ${columns} from ${warehouse.table('raw', table)}`, [], { limit: MAX_ROWS })
  })
}
