import { Failure } from '#lib/core/errors.ts'
import type { Cell } from '#lib/core/table.ts'
import { advice, type Checking, type Finding, ok } from './checking.ts'
import type { Answer } from './driver.ts'
import { existingSchemas } from './schema-sql.ts'
import { readerOf, schemasScript } from './script.ts'
import { exact, likeText, schemaName, sql } from './sql.ts'

/** What could be better; none of it keeps a connection from being saved. */

const FURTHER = ['staging', 'analytical', 'reporting'] as const

export async function checkOtherSchemas({ session, options: { address } }: Checking): Promise<Finding> {
  const names = FURTHER.map((schema) => schemaName(address, schema))
  const { rows } = await session.run(existingSchemas(address, names), { warehouse: false })
  const held = new Set(rows.map(([name]) => name))
  const missing = names.filter((name) => !held.has(name))
  if (missing.length === 0) return ok(`${names.join(', ')} are there.`)
  return advice(
    `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing; models will need them.`,
    schemasScript(address),
  )
}

/** Whether the warehouse costs no more than it must. */
export async function checkCostGuards({ session, options: { address } }: Checking): Promise<Finding> {
  const answer = await orNothing(
    session.run(sql`SHOW WAREHOUSES LIKE ${likeText(address.warehouse)}`, { warehouse: false }),
  )
  const shown = answer && rowsOf(answer).find(({ name }) => name === address.warehouse)
  const name = exact(address.warehouse).text
  if (!shown)
    return advice(
      'The size of the warehouse cannot be seen.',
      `Run as ACCOUNTADMIN: SHOW WAREHOUSES LIKE ${likeText(address.warehouse).text}`,
    )
  const faults: [string, string][] = []
  if (!/^x-?small$/i.test(String(shown.size ?? '')))
    faults.push([`its size is ${shown.size}`, 'WAREHOUSE_SIZE = XSMALL'])
  const suspend = Number(shown.auto_suspend ?? 0)
  if (!(suspend > 0 && suspend <= 60))
    faults.push([
      suspend > 0 ? `it runs on for ${suspend} s after each load` : 'it never suspends itself',
      'AUTO_SUSPEND = 60',
    ])
  if (shown.generation !== undefined && !/^1$|^null$|^$/.test(String(shown.generation)))
    faults.push(['it is of the second generation, which costs a third more', "GENERATION = '1'"])
  if (faults.length === 0) return ok(`${address.warehouse} is X-Small and suspends itself after ${suspend} s.`)
  return advice(
    `The warehouse costs more than it must: ${faults.map(([what]) => what).join('; ')}.`,
    `ALTER WAREHOUSE ${name} SET ${faults.map(([, set]) => set).join(' ')}`,
  )
}

/** Whether there is a role for BI tools, and whether it may only read. */
export async function checkReader({ session, options: { address } }: Checking): Promise<Finding> {
  const reader = readerOf(address.role)
  const answer = await orNothing(session.run(sql`SHOW GRANTS TO ROLE ${exact(reader)}`, { warehouse: false }))
  const grants = answer ? rowsOf(answer) : []
  if (!grants.some(({ privilege, granted_on }) => privilege === 'USAGE' && granted_on === 'SCHEMA'))
    return advice(
      'There is no role with which BI tools may only read.',
      `If you want one, switch "Let BI tools read" on beside the script and run it again: it makes ${reader}.`,
    )
  const more = grants.find(({ privilege }) => !['USAGE', 'SELECT', 'REFERENCES', 'MONITOR'].includes(String(privilege)))
  if (more)
    return advice(
      `The role ${reader} may do more than read: ${more.privilege} on ${more.granted_on}.`,
      `Revoke it, so that BI tools cannot change what is loaded.`,
    )
  return ok(`BI tools may read with the role ${reader}.`)
}

/** What may not be seen is advice as well. */
async function orNothing(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.recovery === 'stop') return undefined
    throw thrown
  }
}

function rowsOf({ names, rows }: Answer): Record<string, Cell | undefined>[] {
  return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])))
}
