import { ulid } from 'ulid'
import { SQL_LIMITS } from '#lib/api/limits.ts'
import type { SqlOutcome } from '#lib/api/lists.ts'
import type { SqlHistoryResponse } from '#lib/api/sql.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db } from '#lib/db.ts'

/** The queries that a listener ran last. */

export interface RecordedRun {
  sql: string
  startedAt: Date
  ms: number
  outcome: SqlOutcome
  rows?: number
  truncated?: boolean
  message?: string
}

/** Keeps the last runs only. A run that can't be recorded still has its result. */
export async function recordRun(userId: string, run: RecordedRun): Promise<void> {
  try {
    await db().queryRun.create({ data: { id: ulid(), userId, ...run } })
    await db().$executeRaw`
      delete from "QueryRun" where "userId" = ${userId} and id not in (
        select id from "QueryRun" where "userId" = ${userId} order by id desc limit ${SQL_LIMITS.history})`
  } catch (error) {
    log.warn('a query was not recorded', { userId, problem: messageOf(error) })
  }
}

export async function listRuns(userId: string): Promise<SqlHistoryResponse> {
  const runs = await db().queryRun.findMany({
    where: { userId },
    orderBy: { id: 'desc' },
    take: SQL_LIMITS.history,
    omit: { userId: true },
  })
  return {
    runs: runs.map(({ startedAt, outcome, ...run }) => ({
      ...run,
      startedAt: startedAt.toISOString(),
      outcome: outcome as SqlOutcome,
    })),
  }
}

export async function clearRuns(userId: string): Promise<SqlHistoryResponse> {
  await db().queryRun.deleteMany({ where: { userId } })
  return listRuns(userId)
}
