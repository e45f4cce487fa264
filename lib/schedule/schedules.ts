import type { ScheduleKind } from '#lib/api/lists.ts'
import type { ScheduleChange, SettingsResponse } from '#lib/api/settings.ts'
import { recordAudit } from '#lib/audit.ts'
import { now } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { jitterOf } from '#lib/core/jitter.ts'
import {
  type Account,
  db,
  type Schedule as ScheduleRow,
  type SpotifyApp,
  type ScheduleKind as StoredKind,
} from '#lib/db.ts'
import { isAvailable } from '#lib/quota/capabilities.ts'
import { streams } from '#lib/streams/index.ts'
import type { StreamGroup } from '#lib/streams/stream.ts'
import { NEVER, nextDue, PERISHABLE, PLANS, planOf, type Timetable } from './timetable.ts'

const KIND_LABELS: Record<StoredKind, ScheduleKind> = {
  every_15: 'every 15 minutes',
  every_30: 'every 30 minutes',
  hourly: 'hourly',
  daily: 'daily',
  weekly: 'weekly',
  off: 'off',
}

const GROUPS = Object.keys(PLANS) as StreamGroup[]
const UNPLANNED: Timetable = { kind: null, fromHour: 6, toHour: 24, atMinute: null, weekday: null }
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

type Listener = { id: string; zone: string | null }

type Connection = Pick<Account, 'consent'> & { spotifyApp: SpotifyApp | null }

/** The groups of which the listener's Spotify app may read something. Only these have something to schedule. */
export function availableGroups(app: SpotifyApp | null | undefined): StreamGroup[] {
  return GROUPS.filter((group) => streams.some((stream) => stream.group === group && isAvailable(stream, app)))
}

/** The schedules as the settings page shows them, without groups that the listener's Spotify app can't read. */
export function scheduleResponses(
  schedules: ScheduleRow[],
  connection: Connection | undefined,
): SettingsResponse['schedules'] {
  const app = connection?.spotifyApp
  return availableGroups(app).map((group) => {
    const schedule = schedules.find((entry) => entry.group === group)
    const timetable = schedule ?? UNPLANNED
    const runs = connection?.consent === 'given' && schedule && !schedule.paused && schedule.nextAt < NEVER
    return {
      group,
      label: schedule?.label ?? null,
      kind: timetable.kind ? KIND_LABELS[timetable.kind] : 'recommended',
      fromHour: timetable.fromHour,
      toHour: timetable.toHour,
      at: timetable.atMinute === null ? null : formatTime(timetable.atMinute),
      weekday: timetable.weekday,
      paused: schedule?.paused ?? false,
      every: formatPlan(group, planOf(group, timetable)),
      recommended: formatPlan(group, PLANS[group]),
      streams: streams.filter((stream) => stream.group === group && isAvailable(stream, app)).map(({ title }) => title),
      nextAt: runs ? schedule.nextAt.toISOString() : null,
    }
  })
}

function formatPlan(group: StreamGroup, { kind, fromHour, toHour, atMinute, weekday }: Timetable): string {
  const at = atMinute === null ? 'around 5:00' : `at ${formatTime(atMinute)}`
  if (kind === 'daily') return `daily ${at}`
  if (kind === 'weekly') return `on ${WEEKDAYS[(weekday ?? 7) - 1]} ${at}`
  if (kind === 'hourly') return 'every hour'
  if (kind !== 'every_15' && kind !== 'every_30') return 'off'
  const often = KIND_LABELS[kind]
  if (fromHour === 0 && toHour === 24) return `${often}, day and night`
  const rest = group === PERISHABLE ? ', every 2 hours otherwise' : ''
  return `${often} from ${fromHour}:00 to ${toHour === 24 ? 'midnight' : `${toHour}:00`}${rest}`
}

function formatTime(minuteOfDay: number): string {
  return `${Math.floor(minuteOfDay / 60)}:${String(minuteOfDay % 60).padStart(2, '0')}`
}

/**
 * Changes the schedule of one group; omitted fields keep their value. Times missed while paused are not made up.
 * @throws Refused 400 with the field, if the schedule would never be due; nothing is saved then
 */
export async function changeSchedule(listener: Listener, change: ScheduleChange): Promise<void> {
  const group = GROUPS.find((name) => name === change.group)
  if (!group) throw impossibleSchedule('group', 'This is not a schedule group', `Valid groups: ${GROUPS.join(', ')}.`)
  const key = { userId: listener.id, group }
  const before = await db().schedule.findUnique({ where: { userId_group: key } })
  const timetable = changed(before ?? UNPLANNED, change)
  requirePossible(timetable)
  const data = {
    ...timetable,
    paused: change.paused ?? before?.paused ?? false,
    label: change.label === undefined ? (before?.label ?? null) : change.label?.trim() || null,
  }
  const nextAt = nextDue(group, {
    zone: listener.zone ?? 'UTC',
    jitter: jitterOf(listener.id),
    after: now(),
    timetable,
  })
  // A new label must not move a time that is already due or was brought forward.
  const moves = !before || !isSame(before, timetable) || missedWhilePaused(before, data.paused)
  await db().schedule.upsert({
    where: { userId_group: key },
    create: { ...key, ...data, nextAt },
    update: { ...data, ...(moves ? { nextAt } : {}) },
  })
  await recordAudit(listener.id, 'changed a schedule', group, { kind: timetable.kind, paused: data.paused })
}

function isSame(one: Timetable, other: Timetable): boolean {
  return (['kind', 'fromHour', 'toHour', 'atMinute', 'weekday'] as const).every((part) => one[part] === other[part])
}

function missedWhilePaused({ paused, nextAt }: ScheduleRow, stays: boolean): boolean {
  return paused && !stays && nextAt <= now()
}

function changed(before: Timetable, { kind, fromHour, toHour, at, weekday }: ScheduleChange): Timetable {
  return {
    kind: kind === undefined ? before.kind : scheduleKind(kind),
    fromHour: fromHour ?? before.fromHour,
    toHour: toHour ?? before.toHour,
    atMinute: at === undefined ? before.atMinute : parseTime(at),
    weekday: weekday === undefined ? before.weekday : weekday,
  }
}

function scheduleKind(kind: ScheduleKind): StoredKind | null {
  const found = Object.entries(KIND_LABELS).find(([, label]) => label === kind)
  return (found?.[0] as StoredKind | undefined) ?? null
}

function parseTime(at: string | null): number | null {
  if (at === null) return null
  const [hour = 0, minute = 0] = at.split(':').map(Number)
  return hour * 60 + minute
}

function requirePossible({ kind, fromHour, toHour, weekday }: Timetable): void {
  if (fromHour === toHour)
    throw impossibleSchedule('toHour', 'The end must differ from the start', 'Leave at least one hour between them.')
  if (kind === 'weekly' && weekday === null)
    throw impossibleSchedule('weekday', 'The day is missing', 'Choose a day of the week.')
}

function impossibleSchedule(field: string, problem: string, remedy: string): Refused {
  return new Refused(400, 'impossible-schedule', problem, remedy, { [field]: `${problem}. ${remedy}` })
}

/** Moves the schedules to a new zone's hours. One that is already due still runs with the next tick. */
export async function moveSchedules(listener: { id: string }, zone: string): Promise<void> {
  for (const schedule of await db().schedule.findMany({ where: { userId: listener.id } })) {
    const query = { zone, jitter: jitterOf(listener.id), after: now(), timetable: schedule }
    const next = nextDue(schedule.group as StreamGroup, query)
    // A poll that a busy hour brought forward doesn't depend on the zone.
    const nextAt = schedule.group === PERISHABLE && schedule.nextAt < next ? schedule.nextAt : next
    await db().schedule.updateMany({ where: { id: schedule.id, nextAt: { gt: now() } }, data: { nextAt } })
  }
}
