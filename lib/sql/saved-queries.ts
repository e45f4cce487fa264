import { ulid } from 'ulid'
import type { z } from 'zod'
import { SQL_LIMITS } from '#lib/api/limits.ts'
import type { SavedQueriesResponse, SavedQuery, SavedQueryForm } from '#lib/api/sql.ts'
import { MINUTE, now, toIso } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { parametersOf } from '#lib/core/sql-parameters.ts'
import { db, type SavedQuery as Row } from '#lib/db.ts'
import { requireLength } from './run.ts'

/** Queries that a listener saved. Only they can see and run them. */

/** `lastRunAt` is updated at most this often, so that a script's calls don't cost a write each. */
const LAST_RUN_RESOLUTION_MS = MINUTE

export async function listQueries(userId: string): Promise<SavedQueriesResponse> {
  const queries = await db().savedQuery.findMany({
    where: { userId },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    take: SQL_LIMITS.savedQueries,
  })
  return { queries: queries.map(responseOf), most: SQL_LIMITS.savedQueries }
}

/** @throws Refused 404, 409 for a name that another query has or too many queries, 413 */
export async function saveQuery(
  userId: string,
  { id, name, description, sql }: z.output<typeof SavedQueryForm>,
): Promise<SavedQuery> {
  requireLength(sql)
  requireFreeParameters(sql)
  const at = now()
  return db().$transaction(async (tx) => {
    // Locked, so that concurrent requests can't both save the last one, or the same name.
    await tx.$queryRaw`select 1 from "User" where id = ${userId} for update`
    const all = await tx.savedQuery.findMany({ where: { userId }, select: { id: true, name: true } })
    if (id && !all.some((one) => one.id === id)) throw unknownQuery()
    if (all.some((one) => one.name === name && one.id !== id))
      throw new Refused(409, 'name-taken', `You already have a query "${name}"`, 'Choose another name.', {
        name: 'Another query has this name.',
      })
    if (!id && all.length >= SQL_LIMITS.savedQueries)
      throw new Refused(
        409,
        'too-many-queries',
        `You already have ${SQL_LIMITS.savedQueries} saved queries`,
        'Delete one that you no longer need.',
      )
    const data = { name, description, sql, updatedAt: at }
    const row = id
      ? await tx.savedQuery.update({ where: { id, userId }, data })
      : await tx.savedQuery.create({ data: { id: ulid(), userId, createdAt: at, ...data } })
    return responseOf(row)
  })
}

/** @throws Refused 404 */
export async function deleteQuery(userId: string, id: string): Promise<SavedQueriesResponse> {
  const { count } = await db().savedQuery.deleteMany({ where: { id, userId } })
  if (count === 0) throw unknownQuery()
  return listQueries(userId)
}

/**
 * A query that is about to be run.
 * @param address its name as the address has it
 * @throws Refused 404
 */
export async function findQuery(userId: string, address: string): Promise<Row> {
  const name = decoded(address)
  const query = name && (await db().savedQuery.findUnique({ where: { userId_name: { userId, name } } }))
  if (!query) throw unknownQuery()
  const at = now()
  if (!query.lastRunAt || at.getTime() - query.lastRunAt.getTime() > LAST_RUN_RESOLUTION_MS)
    await db().savedQuery.updateMany({ where: { id: query.id }, data: { lastRunAt: at } })
  return query
}

/** Names have no %, so decoding one that is decoded already changes nothing. */
function decoded(address: string): string | null {
  try {
    return decodeURIComponent(address)
  } catch {
    return null
  }
}

/** @throws Refused 400 for a parameter that the address needs for itself */
function requireFreeParameters(sql: string): void {
  if (!parametersOf(sql).some((name) => name.toLowerCase() === 'format')) return
  const message = 'A saved query can’t have a parameter $format'
  const remedy = 'Rename it: "format" in the address is the format of the file.'
  throw new Refused(400, 'bad-sql', message, remedy, { sql: message })
}

function unknownQuery(): Refused {
  return new Refused(404, 'unknown-query', 'You have no such query', 'Open SQL and choose one of your saved queries.')
}

function responseOf({ id, name, description, sql, createdAt, updatedAt, lastRunAt }: Row): SavedQuery {
  return {
    id,
    name,
    description,
    sql,
    parameters: parametersOf(sql),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    lastRunAt: toIso(lastRunAt),
  }
}
