import type { ScheduleKind } from '#lib/api/lists.ts'
import type { ScheduleChange, SettingsResponse } from '#lib/api/settings.ts'
import { audit } from '#lib/audit.ts'
import { now } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { jitterOf } from '#lib/core/jitter.ts'
import { db, type Schedule as ScheduleRow, type ScheduleKind as StoredKind } from '#lib/db.ts'
import { streams } from '#lib/streams/index.ts'
import type { StreamGroup } from '#lib/streams/stream.ts'
import { NEVER, nextDue, PERISHABLE, PLANS, planOf, type Timetable } from './timetable.ts'

const KIND_WORDS: Record<StoredKind, ScheduleKind> = {
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

/** When which streams are fetched by themselves, as the settings page shows it. */
export function scheduleAnswers(schedules: ScheduleRow[], connected: boolean): SettingsResponse['schedules'] {
  return GROUPS.map((group) => {
    const schedule = schedules.find((entry) => entry.group === group)
    const timetable = schedule ?? UNPLANNED
    const runs = connected && schedule && !schedule.paused && schedule.nextAt < NEVER
    return {
      group,
      label: schedule?.label ?? null,
      kind: timetable.kind ? KIND_WORDS[timetable.kind] : 'recommended',
      fromHour: timetable.fromHour,
      toHour: timetable.toHour,
      at: timetable.atMinute === null ? null : clockTime(timetable.atMinute),
      weekday: timetable.weekday,
      paused: schedule?.paused ?? false,
      every: planWords(group, planOf(group, timetable)),
      recommended: planWords(group, PLANS[group]),
      streams: streams.filter((stream) => stream.group === group).map(({ title }) => title),
      nextAt: runs ? schedule.nextAt.toISOString() : null,
    }
  })
}

function planWords(group: StreamGroup, { kind, fromHour, toHour, atMinute, weekday }: Timetable): string {
  const at = atMinute === null ? 'around 5:00' : `at ${clockTime(atMinute)}`
  if (kind === 'daily') return `daily ${at}`
  if (kind === 'weekly') return `on ${WEEKDAYS[(weekday ?? 7) - 1]} ${at}`
  if (kind === 'hourly') return 'every hour'
  if (kind !== 'every_15' && kind !== 'every_30') return 'off'
  const often = KIND_WORDS[kind]
  if (fromHour === 0 && toHour === 24) return `${often}, day and night`
  const rest = group === PERISHABLE ? ', every 2 hours otherwise' : ''
  return `${often} from ${fromHour}:00 to ${toHour === 24 ? 'midnight' : `${toHour}:00`}${rest}`
}

function clockTime(minuteOfDay: number): string {
  return `${Math.floor(minuteOfDay / 60)}:${String(minuteOfDay % 60).padStart(2, '0')}`
}

/**
 * Changes the plan of one group; what is left out stays. Nothing is made up for the time that it was paused.
 * @throws Refused 400 with the field, when no time would ever fit; the plan stays as it was
 */
export async function changeSchedule(listener: Listener, change: ScheduleChange): Promise<void> {
  const group = GROUPS.find((name) => name === change.group)
  if (!group) throw impossible('group', 'is no group of streams', `Groups are: ${GROUPS.join(', ')}.`)
  const key = { userId: listener.id, group }
  const before = await db().schedule.findUnique({ where: { userId_group: key } })
  const timetable = changed(before ?? UNPLANNED, change)
  requirePossible(timetable)
  const data = {
    ...timetable,
    paused: change.paused ?? before?.paused ?? false,
    label: change.label === undefined ? (before?.label ?? null) : change.label?.trim() || null,
  }
  const asked = { zone: listener.zone ?? 'UTC', jitter: jitterOf(listener.id), after: now(), timetable }
  const nextAt = nextDue(group, asked)
  // A time that is due and was not taken yet, or was brought forward, outlives a new label.
  const moves = !before || !isSame(before, timetable) || missedWhilePaused(before, data.paused)
  await db().schedule.upsert({
    where: { userId_group: key },
    create: { ...key, ...data, nextAt },
    update: { ...data, ...(moves ? { nextAt } : {}) },
  })
  await audit(listener.id, 'changed a schedule', group, { kind: timetable.kind, paused: data.paused })
}

function isSame(one: Timetable, other: Timetable): boolean {
  return (['kind', 'fromHour', 'toHour', 'atMinute', 'weekday'] as const).every((part) => one[part] === other[part])
}

function missedWhilePaused({ paused, nextAt }: ScheduleRow, stays: boolean): boolean {
  return paused && !stays && nextAt <= now()
}

function changed(before: Timetable, { kind, fromHour, toHour, at, weekday }: ScheduleChange): Timetable {
  return {
    kind: kind === undefined ? before.kind : kindOf(kind),
    fromHour: fromHour ?? before.fromHour,
    toHour: toHour ?? before.toHour,
    atMinute: at === undefined ? before.atMinute : minuteOf(at),
    weekday: weekday === undefined ? before.weekday : weekday,
  }
}

function kindOf(word: ScheduleKind): StoredKind | null {
  const found = Object.entries(KIND_WORDS).find(([, said]) => said === word)
  return (found?.[0] as StoredKind | undefined) ?? null
}

function minuteOf(at: string | null): number | null {
  if (at === null) return null
  const [hour = 0, minute = 0] = at.split(':').map(Number)
  return hour * 60 + minute
}

function requirePossible({ kind, fromHour, toHour, weekday }: Timetable): void {
  if (fromHour === toHour)
    throw impossible('toHour', 'is the hour in which the waking hours begin', 'Leave at least one hour between them.')
  if (kind === 'weekly' && weekday === null)
    throw impossible('weekday', 'is missing', 'Choose the day of the week on which it runs.')
}

function impossible(field: string, what: string, remedy: string): Refused {
  return new Refused(400, 'impossible-schedule', `"${field}" ${what}`, remedy, { [field]: `${what}. ${remedy}` })
}

/** A new zone moves every plan to its hours; what is due already is taken by the next tick all the same. */
export async function moveSchedules(listener: { id: string }, zone: string): Promise<void> {
  for (const schedule of await db().schedule.findMany({ where: { userId: listener.id } })) {
    const asked = { zone, jitter: jitterOf(listener.id), after: now(), timetable: schedule }
    const next = nextDue(schedule.group as StreamGroup, asked)
    // A look that a busy hour brought forward goes by no clock.
    const nextAt = schedule.group === PERISHABLE && schedule.nextAt < next ? schedule.nextAt : next
    await db().schedule.updateMany({ where: { id: schedule.id, nextAt: { gt: now() } }, data: { nextAt } })
  }
}
