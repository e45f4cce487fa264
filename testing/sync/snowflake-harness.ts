import type { SnowflakeForm } from '#lib/api/warehouse.ts'
import type { Row } from '#lib/core/table.ts'
import { db } from '#lib/db.ts'
import { saveSnowflake } from '#lib/load/connection/connect.ts'
import { snowflakeStatus } from '#lib/load/connection/status.ts'
import { withSession } from '#lib/load/external/session.ts'
import { tableGroups } from '#lib/streams/index.ts'
import { setupScript } from '#lib/warehouse/snowflake/setup/script.ts'
import { ACCOUNT, startSnowflakeServer } from '#testing/snowflake/server.ts'
import type { SnowflakeServer } from '#testing/snowflake/snowflake-server.ts'
import { type Harness, startHarness } from './harness.ts'
import { loadAll } from './run-jobs.ts'

/** A harness with a Snowflake test server, which listeners connect as a person does: by the printed script and the form. */
export interface SnowflakeHarness extends Harness {
  snowflake: SnowflakeServer
  form(userId: string): SnowflakeForm
  /** Runs the script, saves the form and loads. @returns the connection's id */
  connect(userId: string): Promise<string>
  /** Saves the form without loading. */
  save(userId: string): Promise<{ connectionId: string }>
  /** Runs the script that the page prints. */
  runScript(userId: string): Promise<void>
  /** Does the load that is ordered or due, as one job. */
  load(connectionId: string): Promise<void>
  /** Rows of a table in the listener's Snowflake, ordered by all columns. */
  rows(userId: string, table: string, columns?: string): Promise<Row[]>
  /** Every raw table in Snowflake and in the embedded copy, by name. */
  tablesOnBothSides(userId: string): Promise<{ there: Record<string, Row[]>; here: Record<string, Row[]> }>
}

const MAX_ROWS = 100_000

export async function startSnowflakeHarness(settings: Record<string, string> = {}): Promise<SnowflakeHarness> {
  const snowflake = await startSnowflakeServer()
  const harness = await startHarness({ SNOWFLAKE_ENDPOINT: snowflake.url, ...settings })

  const form = (userId: string): SnowflakeForm => ({
    account: ACCOUNT,
    user: `U_${userId}`.toUpperCase(),
    method: 'key pair',
    role: `R_${userId}`.toUpperCase(),
    warehouse: `W_${userId}`.toUpperCase(),
    database: `D_${userId}`.toUpperCase(),
    schema: 'RAW',
    tokenEndsOn: null,
  })

  async function runScript(userId: string): Promise<void> {
    const { key, instanceId } = await snowflakeStatus(userId)
    await snowflake.runScript(setupScript({ ...form(userId), instanceId, publicKey: key.publicKey }))
  }

  async function save(userId: string): Promise<{ connectionId: string }> {
    const { saved, connectionId, checks, fieldProblems } = await saveSnowflake(userId, form(userId))
    if (!saved || !connectionId) throw new Error(`Not saved: ${JSON.stringify({ checks, fieldProblems })}`)
    return { connectionId }
  }

  async function rows(userId: string, table: string, columns = '*'): Promise<Row[]> {
    const connection = await db().warehouseConnection.findUniqueOrThrow({
      where: { userId_kind: { userId, kind: 'snowflake' } },
    })
    return withSession(connection, { runId: null, tag: { for: 'test' } }, async (warehouse) => {
      if ((await warehouse.existing('raw', [table])).length === 0) return []
      const sql = `select ${columns} from ${warehouse.table('raw', table)} order by all`
      return warehouse.query(sql, [], { limit: MAX_ROWS })
    })
  }

  return {
    ...harness,
    snowflake,
    form,
    runScript,
    save,
    rows,
    load: (connectionId) => loadAll(connectionId),
    async connect(userId) {
      await runScript(userId)
      const { connectionId } = await save(userId)
      await loadAll(connectionId)
      return connectionId
    },
    async tablesOnBothSides(userId) {
      const there: Record<string, Row[]> = {}
      const here: Record<string, Row[]> = {}
      for (const { name, columns } of tableGroups.flatMap(({ tables }) => tables)) {
        const names = Object.keys(columns).map((column) => `"${column}"`)
        const held = await harness.tableRows(userId, name, names.join(', '))
        if (held.length > 0) here[name] = inOrder(held)
        const loaded = await rows(userId, name, names.map((column) => column.toUpperCase()).join(', '))
        if (loaded.length > 0) there[name] = inOrder(loaded)
      }
      return { there, here }
    },
    async stop() {
      await harness.stop()
      await snowflake.stop()
    },
  }
}

/** Sorts rows the same way for both engines. */
function inOrder(rows: Row[]): Row[] {
  const byText = new Map(rows.map((row) => [JSON.stringify(row), row]))
  return [...byText.keys()].sort().map((text) => byText.get(text) ?? {})
}
