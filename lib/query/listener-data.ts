import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { isExplained, Refused } from '#lib/core/errors.ts'
import type { User } from '#lib/db.ts'
import { db } from '#lib/db.ts'
import { AGG_DAYS } from '#lib/models/tables.ts'
import { servingKind } from '#lib/storage/destinations.ts'
import { hasEmbeddedCopy, openEmbeddedCopy } from '#lib/storage/places.ts'
import { warehouseFacts } from '#lib/warehouse/facts.ts'

/** What queries need to know of a listener. */
export interface ListenerData extends Pick<User, 'id' | 'dataVersion' | 'dataAsOf' | 'zone' | 'weekStart'> {
  /** Whether anything was loaded into the warehouse that serves pages. */
  hasData: boolean
}

export async function listenerData(userId: string): Promise<ListenerData> {
  const { connections, ...listener } = await db().user.findUniqueOrThrow({
    where: { id: userId },
    select: {
      id: true,
      dataVersion: true,
      dataAsOf: true,
      zone: true,
      weekStart: true,
      connections: { where: { kind: servingKind() } },
    },
  })
  return { ...listener, hasData: listener.dataAsOf !== null && connections.length > 0 }
}

/** For what only the embedded copy can answer, where there is none. */
export function noCopy(): Refused {
  return new Refused(
    409,
    'no-copy',
    'This needs the built-in warehouse, which this instance doesn’t keep',
    'The operator can turn it on with SERVE_FROM=embedded.',
  )
}

const MAX_FIRST_DAYS = 1_000
const FIRST_DAYS = Symbol.for('tracklake.first-days')
type FirstDays = LRUCache<string, { version: number; day: string | null }>
const holder = globalThis as typeof globalThis & { [FIRST_DAYS]?: FirstDays }

function firstDays(): FirstDays {
  holder[FIRST_DAYS] ??= new LRUCache({ max: MAX_FIRST_DAYS })
  return holder[FIRST_DAYS]
}

/**
 * The listener's day of the first play, for a page that is rendered; null if there is none, or if the warehouse can't be
 * queried: the charts of the page then show why.
 */
export async function firstDayFor(userId: string): Promise<string | null> {
  try {
    return await firstDayOf(await listenerData(userId))
  } catch (error) {
    if (isExplained(error)) return null
    throw error
  }
}

/** The listener's day of the first play, as the models have it; null if there is none. */
export async function firstDayOf({ id, dataVersion, hasData }: ListenerData): Promise<string | null> {
  if (warehouseFacts[servingKind()].costsToWake) return preparedFirstDay(id)
  const known = firstDays().get(id)
  if (known?.version === dataVersion) return known.day
  if (!hasData || !hasEmbeddedCopy(id)) return null
  const warehouse = await openEmbeddedCopy({ userId: id })
  const { schema, name } = AGG_DAYS
  if ((await warehouse.existing(schema, [name])).length === 0) return null
  const [row] = await warehouse.query(`select min(day) as day from ${warehouse.table(schema, name)}`, [])
  const day = typeof row?.day === 'string' ? row.day : null
  firstDays().set(id, { version: dataVersion, day })
  return day
}

/** The key of the first day among the results that are prepared after a load. */
export const FIRST_DAY = 'first day'

const FirstDay = z.object({ day: z.string().nullable() })

async function preparedFirstDay(userId: string): Promise<string | null> {
  const stored = await db().preparedResult.findUnique({ where: { userId_queryKey: { userId, queryKey: FIRST_DAY } } })
  return FirstDay.safeParse(stored?.result).data?.day ?? null
}

export function forgetFirstDay(userId: string): void {
  firstDays().delete(userId)
}
