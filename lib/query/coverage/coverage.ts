import { z } from 'zod'
import type { CoverageResponse } from '#lib/api/coverage.ts'
import { now, toIso } from '#lib/core/clock.ts'
import { isExplained, Refused } from '#lib/core/errors.ts'
import { calendarOf, type DateRange, type Day, dayIn, daysOfYear, EARLIEST_DAY, isYear } from '#lib/core/period.ts'
import { FCT_PLAYS } from '#lib/models/tables.ts'
import { queryEmbedded } from '../embedded.ts'
import { type ListenerData, listenerData } from '../listener-data.ts'
import { requireEmbeddedCopies } from '../tables.ts'
import { currentlyKnown, lastKnown } from './evidence.ts'
import { daysOfHole, exportFor, type Hole, incompleteDays, type Known, statesOfDays } from './rule.ts'

const MAX_HOLES = 100
/** Ranges that every page gets. */
const MAX_RANGES = 100
const MAX_DAYS = 366

/** Since when plays are known, and on which days some are missing. */
export interface Coverage {
  since: Day | null
  incomplete: DateRange[]
}

/**
 * What pages need to say "at least" and "since"; null if the warehouse can't be queried: their charts show why. Of more
 * than 100 ranges, the oldest are one.
 */
export async function coverageFor(userId: string): Promise<Coverage | null> {
  try {
    const listener = await listenerData(userId)
    const zone = listener.zone ?? 'UTC'
    const known = await lastKnown(listener)
    const incomplete = incompleteDays(known, zone)
    const [oldest] = incomplete
    const last = incomplete.at(-MAX_RANGES)
    return {
      since: known.since && dayIn(zone, known.since),
      incomplete:
        oldest && last && incomplete.length > MAX_RANGES
          ? [{ from: oldest.from, to: last.to }, ...incomplete.slice(1 - MAX_RANGES)]
          : incomplete,
    }
  } catch (error) {
    if (isExplained(error)) return null
    throw error
  }
}

/**
 * How each day of a year is known, and what is missing.
 * @param requested the current year if omitted
 * @throws Refused 400 for a year that isn't one from 2006 to now, 409 where no embedded copy is kept
 */
export async function coverageOf(userId: string, { year: requested }: { year?: number | undefined }) {
  requireEmbeddedCopies()
  const listener = await listenerData(userId)
  const calendar = calendarOf(listener, null, now())
  const thisYear = Number(calendar.today.slice(0, 4))
  const year = requested ?? thisYear
  if (!isYear(String(year), calendar))
    throw new Refused(400, 'wrong-parameter', 'The parameter "year" is not a year from 2006 to now', 'Correct the URL.')
  const range = daysOfYear(String(year), calendar)
  const known = await currentlyKnown(listener)
  const plays = await playsByDay(listener, range)
  const states = statesOfDays(known, { range, heard: new Set(plays.keys()), zone: calendar.zone })
  const holes = holesIn(known, range, calendar.zone)
  return {
    year,
    years: yearsOf(known, { zone: calendar.zone, thisYear }),
    since: known.since && dayIn(calendar.zone, known.since),
    until: toIso(known.until),
    days: states.map(({ day, state }) => ({ day, state, plays: plays.get(day) ?? 0 })),
    holes: holes.slice(0, MAX_HOLES).map(({ from, to, cause }) => ({
      from: from.toISOString(),
      to: to.toISOString(),
      cause,
      export: exportFor({ from }, now()),
    })),
    moreHoles: Math.max(0, holes.length - MAX_HOLES),
  } satisfies CoverageResponse
}

function yearsOf({ since }: Known, { zone, thisYear }: { zone: string; thisYear: number }): number[] {
  const first = since ? Number(dayIn(zone, since).slice(0, 4)) : thisYear
  const from = Math.min(thisYear, Math.max(first, Number(EARLIEST_DAY.slice(0, 4))))
  return Array.from({ length: thisYear - from + 1 }, (_, index) => from + index)
}

/** Newest first. */
function holesIn({ holes }: Known, range: DateRange, zone: string): Hole[] {
  return holes
    .filter((hole) => {
      const days = daysOfHole(hole, zone)
      return days.from <= range.to && days.to >= range.from
    })
    .toReversed()
}

const DayRow = z.object({ day: z.string(), plays: z.number() })

/** Counted plays by day. Days with only other plays have 0. */
async function playsByDay(listener: ListenerData, range: DateRange): Promise<Map<Day, number>> {
  const found = await queryEmbedded(listener, `coverage ${range.from} ${range.to}`, async ({ has, table, query }) => {
    if (!has(FCT_PLAYS)) return []
    const rows = await query(
      `select day, sum(case when counts then 1 else 0 end) as plays from ${table(FCT_PLAYS)}
       where day >= cast(? as date) and day <= cast(? as date) group by day`,
      [range.from, range.to],
      MAX_DAYS,
    )
    return z.array(DayRow).parse(rows)
  })
  return new Map((found ?? []).map(({ day, plays }) => [day, plays]))
}
