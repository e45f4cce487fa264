import { Failure } from '#lib/core/errors.ts'
import type { Table } from '#lib/core/table.ts'
import type { Result } from '#lib/warehouse/snowflake/driver/driver.ts'
import { rowsOf } from '#lib/warehouse/snowflake/driver/result-cells.ts'
import {
  createTable,
  createView,
  dropTable,
  dropView,
  showSchemas,
} from '#lib/warehouse/snowflake/schema/schema-sql.ts'
import { readerOf, schemasScript } from '#lib/warehouse/snowflake/setup/script.ts'
import { exact, likeText, schemaName, schemaPath, sql } from '#lib/warehouse/snowflake/sql.ts'
import { advice, type CheckContext, type Finding, ok } from './finding.ts'

/** Suggestions. None of them prevents saving the connection. */

const FURTHER = ['staging', 'analytical', 'reporting'] as const

export async function checkOtherSchemas({ session, options, probe }: CheckContext): Promise<Finding> {
  const { address, owner } = options
  const names = FURTHER.map((schema) => schemaName(address, schema))
  const existing = new Set(rowsOf(await session.run(showSchemas(address))).map(({ name }) => name))
  const missing = names.filter((name) => !existing.has(name))
  const script = schemasScript(address, owner.instanceId)
  if (missing.length > 0)
    return advice(
      `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing. Without them, Tracklake loads its tables but builds no models.`,
      script,
    )
  const closed: (typeof FURTHER)[number][] = []
  for (const schema of FURTHER) if (!(await canCreate({ session, options, probe }, schema))) closed.push(schema)
  if (closed.length === 0) return ok(`The role can create models in ${names.join(', ')}.`)
  return advice(
    `The role can't create tables and views in ${closed.map((schema) => schemaName(address, schema)).join(', ')}. Without that, Tracklake loads its tables but builds no models.`,
    script,
  )
}

/** What models need in each schema. */
const NEEDED = { staging: ['view'], analytical: ['view', 'table'], reporting: ['table'] } as const

/** Creates what models need under one name and drops it, which needs no virtual warehouse. */
async function canCreate(
  { session, options: { address }, probe }: Pick<CheckContext, 'session' | 'options' | 'probe'>,
  schema: (typeof FURTHER)[number],
): Promise<boolean> {
  const table = { schema, name: probe, columns: { id: 'text' }, key: ['id'] } satisfies Table
  for (const kind of NEEDED[schema]) {
    const create = kind === 'view' ? createView(address, table, sql`SELECT 1 AS "ID"`) : createTable(address, table)
    if (!(await unlessRefused(session.run(create)))) return false
    await session.run(kind === 'view' ? dropView(address, table) : dropTable(address, table))
  }
  return true
}

/** Whether the warehouse costs more than necessary. */
export async function checkCostGuards({ session, options: { address } }: CheckContext): Promise<Finding> {
  const result = await unlessRefused(session.run(sql`SHOW WAREHOUSES LIKE ${likeText(address.warehouse)}`))
  const shown = result && rowsOf(result).find(({ name }) => name === address.warehouse)
  const name = exact(address.warehouse).text
  if (!shown)
    return advice(
      "The role can't see the size of the warehouse.",
      `Run as ACCOUNTADMIN: SHOW WAREHOUSES LIKE ${likeText(address.warehouse).text}`,
    )
  const faults: [string, string][] = []
  if (!/^x-?small$/i.test(String(shown.size ?? '')))
    faults.push([`its size is ${shown.size}`, 'WAREHOUSE_SIZE = XSMALL'])
  const suspend = Number(shown.auto_suspend ?? 0)
  if (!(suspend > 0 && suspend <= 60))
    faults.push([
      suspend > 0 ? `it keeps running for ${suspend} s after each load` : 'it never suspends',
      'AUTO_SUSPEND = 60',
    ])
  if (shown.generation !== undefined && !/^1$|^null$|^$/.test(String(shown.generation)))
    faults.push(['it is second generation, which costs a third more', "GENERATION = '1'"])
  if (faults.length === 0) return ok(`${address.warehouse} is X-Small and suspends after ${suspend} s.`)
  return advice(
    `The warehouse costs more than necessary: ${faults.map(([what]) => what).join('; ')}.`,
    `ALTER WAREHOUSE ${name} SET ${faults.map(([, set]) => set).join(' ')}`,
  )
}

/** Checks for a read-only role for BI tools. Our role can't use it, but can see its grants on the schema. */
export async function checkReader({ session, options: { address } }: CheckContext): Promise<Finding> {
  const reader = readerOf(address.role)
  const result = await unlessRefused(session.run(sql`SHOW GRANTS ON SCHEMA ${schemaPath(address)}`))
  const grants = result ? rowsOf(result).filter(({ grantee_name }) => grantee_name === reader) : []
  if (!grants.some(({ privilege }) => privilege === 'USAGE'))
    return advice(
      'There is no read-only role for BI tools.',
      `If you want one, turn on "Let BI tools read" next to the script and run it again: it creates ${reader}.`,
    )
  const more = grants.find(({ privilege }) => !['USAGE', 'MONITOR'].includes(String(privilege)))
  if (more)
    return advice(
      `The role ${reader} can do more than read: it has ${more.privilege} on the schema ${address.schema}.`,
      `Revoke it, so that BI tools can't change what is loaded.`,
    )
  return ok(`BI tools can read with the role ${reader} once it is granted to their user.`)
}

/** If the role isn't allowed to look, report that as advice too. */
async function unlessRefused(result: Promise<Result>): Promise<Result | undefined> {
  try {
    return await result
  } catch (error) {
    if (error instanceof Failure && error.recovery === 'stop') return undefined
    throw error
  }
}
