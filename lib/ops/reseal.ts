import { now, pause, SECOND } from '#lib/core/clock.ts'
import { messageOf } from '#lib/core/errors.ts'
import { type KeyRing, seal, unseal } from '#lib/core/seal.ts'
import { type SealedColumn, type SealedPlace, sealedColumns } from '#lib/core/sealed-columns.ts'

/**
 * Seals everything in the database with the newest key, so that older keys can be removed. Each secret takes one
 * statement, so this can be interrupted at any time and started again.
 */

/** The fact that holds the key ids of the most recently started web process. */
export const KEY_RING_FACT = 'key ring'

/** Sends one statement. @returns its rows */
export type Query = (text: string, values: unknown[]) => Promise<Record<string, unknown>[]>

/** How many secrets are sealed with each key; keys of the ring first, in its order. */
export type SealedByKey = { key: string; secrets: number; isKnown: boolean }[]

/** A secret that keeps its old key. */
interface Unsealable {
  table: string
  column: string
  /** Row id. */
  id: string
  problem: string
}

export interface Resealed {
  resealed: number
  /** Secrets that still have an older key, for example because their row is in use. Excludes failed ones. */
  remaining: number
  /** Secrets that can't be read. */
  failed: number
  /** Some of those, to name them. */
  examples: Unsealable[]
}

const MAX_EXAMPLES = 20

const PAGE = 100
/** How long to wait before retrying rows in use. A lease lasts half a minute. */
const RETRY_MS = SECOND

/** Counts the secrets by the key they are sealed with. */
export async function countByKey(query: Query, ring: KeyRing): Promise<SealedByKey> {
  const counts = new Map<string, number>([...ring.keys()].map((key) => [key, 0]))
  for (const { table, column } of sealedColumns) {
    const rows = await query(
      `select split_part("${column}", '.', 2) as key, count(*)::int as secrets
       from "${table}" where "${column}" like 'seal.%' group by 1 order by 1 limit 100`,
      [],
    )
    for (const { key, secrets } of rows) counts.set(String(key), (counts.get(String(key)) ?? 0) + Number(secrets))
  }
  return [...counts].map(([key, secrets]) => ({ key, secrets, isKnown: ring.has(key) }))
}

/**
 * Seals everything with the first key of the ring.
 * @param until when to stop; the next call does the rest
 */
export async function resealAll(query: Query, ring: KeyRing, until: Date): Promise<Resealed> {
  let resealed = 0
  for (;;) {
    const pass = await resealOnce(query, ring, until)
    resealed += pass.resealed
    const remaining = (await countOlder(query, ring)) - pass.failed
    if (remaining <= 0 || now() >= until) return { ...pass, resealed, remaining: Math.max(0, remaining) }
    await pause(RETRY_MS)
  }
}

async function countOlder(query: Query, ring: KeyRing): Promise<number> {
  const [newest] = ring.keys()
  const counts = await countByKey(query, ring)
  return counts.reduce((sum, { key, secrets }) => (key === newest ? sum : sum + secrets), 0)
}

/** Goes through all rows once, or until the time is up. */
async function resealOnce(query: Query, ring: KeyRing, until: Date): Promise<Omit<Resealed, 'remaining'>> {
  const pass: Omit<Resealed, 'remaining'> = { resealed: 0, failed: 0, examples: [] }
  for (const column of sealedColumns) {
    for await (const row of olderRows(query, ring, column)) {
      if (now() >= until) return pass
      const problem = await reseal(query, ring, column, row)
      if (problem === null) pass.resealed++
      else if (problem !== IN_USE) {
        pass.failed++
        if (pass.examples.length < MAX_EXAMPLES) pass.examples.push({ ...place(column), id: row.id, problem })
      }
    }
  }
  return pass
}

const place = ({ table, column }: SealedColumn) => ({ table, column })

interface SealedRow {
  id: string
  /** The row's name in the sealed text. */
  name: string
  sealed: string
}

/** The rows of a column that are not sealed with the first key. */
async function* olderRows(
  query: Query,
  ring: KeyRing,
  { table, column, row }: SealedColumn,
): AsyncGenerator<SealedRow> {
  const [newest] = ring.keys()
  const name = row.map((part) => `"${part}"`).join(` || ':' || `)
  let after = ''
  for (;;) {
    const rows = await query(
      `select id, ${name} as name, "${column}" as sealed from "${table}"
       where "${column}" like 'seal.%' and split_part("${column}", '.', 2) <> $1 and id > $2 order by id limit ${PAGE}`,
      [newest, after],
    )
    for (const one of rows) yield { id: String(one.id), name: String(one.name), sealed: String(one.sealed) }
    if (rows.length < PAGE) return
    after = String(rows.at(-1)?.id)
  }
}

const IN_USE = 'in use'

/** @returns null if it is now sealed with the first key, IN_USE if it must be retried, or the problem */
async function reseal(
  query: Query,
  ring: KeyRing,
  { table, column, lease }: SealedColumn,
  { id, name, sealed }: SealedRow,
): Promise<string | null> {
  const at = { table, row: name, column } as SealedPlace
  let text: string
  try {
    text = seal(unseal(sealed, at, ring), at, ring)
  } catch (error) {
    return messageOf(error)
  }
  // A concurrent change is kept: it already uses the new key, or the next pass finds it.
  const free = lease ? `("${lease}" is null or "${lease}" < $4)` : '$4::timestamptz is not null'
  const rows = await query(
    `update "${table}" set "${column}" = $1 where id = $2 and "${column}" = $3 and ${free} returning id`,
    [text, id, sealed, now()],
  )
  return rows.length > 0 ? null : IN_USE
}
