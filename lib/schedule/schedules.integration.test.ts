import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { changeSettings, settingsOf } from '#lib/accounts/status.ts'
import type { ScheduleChange } from '#lib/api/settings.ts'
import { DAY, HOUR, MINUTE } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { db } from '#lib/db.ts'
import { cancelRun } from '#lib/runs/runs.ts'
import { type Harness, startHarness } from '#testing/sync/harness.ts'
import { bringForward, plan } from './plan.ts'
import { changeSchedule } from './schedules.ts'

const PLAYS = 'recently played'

let harness: Harness
let nobody = 0

beforeAll(async () => {
  harness = await startHarness()
})
afterAll(() => harness.stop())

const answerOf = async (group: string) => {
  const { schedules } = await settingsOf(person)
  return schedules.find((schedule) => schedule.group === group)
}
const nextAt = async (group: string) => Date.parse((await answerOf(group))?.nextAt ?? '')
const missed = (group: string) =>
  db().schedule.updateMany({ where: { userId: person.id, group }, data: { nextAt: new Date(Date.now() - 3 * DAY) } })
/** The streams that a tick of the plan starts for this person. */
async function planned(): Promise<number> {
  await plan(new Date())
  const { count } = await db().streamRun.updateMany({
    where: { userId: person.id, state: 'queued' },
    data: { state: 'cancelled' },
  })
  return count
}

async function refusedFields(change: ScheduleChange): Promise<string[]> {
  const thrown: unknown = await changeSchedule(person, change).then(
    () => null,
    (problem: unknown) => problem,
  )
  return thrown instanceof Refused ? Object.keys(thrown.fields ?? {}) : ['not refused']
}

test('a plan is kept with its words and its next time in the zone of the listener', async () => {
  await changeSchedule(person, { group: 'library', kind: 'weekly', weekday: 3, at: '7:30', label: '  Midweek ' })
  const library = await answerOf('library')
  expect(library).toMatchObject({ kind: 'weekly', at: '7:30', label: 'Midweek', every: 'on Wednesday at 7:30' })
  const shown = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Kolkata', weekday: 'long' })
  expect(shown.format(new Date(library?.nextAt ?? ''))).toBe('Wednesday')
  expect(library?.nextAt).toMatch(/T02:00:00/)
  await changeSettings(person, { zone: 'Pacific/Chatham' })
  // 12:45 or 13:45 ahead of UTC.
  expect((await answerOf('library'))?.nextAt).toMatch(/T1[78]:45:00/)
})

test('what is impossible is refused at its field, and what was saved before stays', async () => {
  await changeSchedule(person, { group: PLAYS, kind: 'every 15 minutes', fromHour: 7, toHour: 23 })
  const before = await answerOf(PLAYS)
  expect(await refusedFields({ group: PLAYS, fromHour: 23 })).toEqual(['toHour'])
  expect(await refusedFields({ group: PLAYS, kind: 'weekly' })).toEqual(['weekday'])
  expect(await refusedFields({ group: 'weather', kind: 'daily' })).toEqual(['group'])
  expect(await answerOf(PLAYS)).toEqual(before)
})

test('paused and off start nothing, and what they missed is not made up', async () => {
  await changeSchedule(person, { group: PLAYS, paused: true })
  await missed(PLAYS)
  expect(await planned()).toBe(0)
  expect(await answerOf(PLAYS)).toMatchObject({ paused: true, nextAt: null })
  await changeSchedule(person, { group: PLAYS, paused: false })
  expect(await planned()).toBe(0)
  expect(await nextAt(PLAYS)).toBeGreaterThan(Date.now())
  await changeSchedule(person, { group: PLAYS, kind: 'off' })
  expect(await answerOf(PLAYS)).toMatchObject({ every: 'off', nextAt: null })
  await bringForward(person.id, 50, new Date())
  expect(await planned()).toBe(0)
})

test('a new label, a pause and a new zone take away neither a time that is due nor a look that was brought forward', async () => {
  await changeSchedule(person, { group: 'library', kind: 'daily', at: '7:30' })
  const due = new Date(Date.now() - MINUTE)
  const soon = new Date(Date.now() + MINUTE)
  await db().schedule.updateMany({ where: { userId: person.id, group: 'library' }, data: { nextAt: due } })
  await db().schedule.updateMany({ where: { userId: person.id, group: PLAYS }, data: { nextAt: soon } })
  for (const group of ['library', PLAYS]) {
    await changeSchedule(person, { group, label: 'Mine' })
    await changeSchedule(person, { group, paused: true })
  }
  await changeSchedule(person, { group: PLAYS, paused: false })
  expect(await nextAt(PLAYS)).toBe(soon.getTime())
  await changeSettings(person, { zone: 'Pacific/Chatham' })
  expect(await nextAt(PLAYS)).toBe(soon.getTime())
  const library = { userId_group: { userId: person.id, group: 'library' } }
  expect((await db().schedule.findUniqueOrThrow({ where: library })).nextAt).toEqual(due)
  // The same zone and plan again change nothing.
  await db().schedule.update({ where: library, data: { nextAt: soon, paused: false } })
  await changeSettings(person, { zone: 'Pacific/Chatham' })
  await changeSchedule(person, { group: 'library', kind: 'daily', at: '7:30' })
  expect(await nextAt('library')).toBe(soon.getTime())
})

test('three days of missed quarters are one look, and the next one is a quarter away', async () => {
  await changeSchedule(person, { group: PLAYS, kind: 'every 15 minutes', fromHour: 0, toHour: 24 })
  expect(await nextAt(PLAYS)).toBeLessThanOrEqual(Date.now() + 15 * MINUTE)
  await missed(PLAYS)
  expect(await planned()).toBe(1)
  expect(await planned()).toBe(0)
  expect(await nextAt(PLAYS)).toBeLessThanOrEqual(Date.now() + 15 * MINUTE)
})

test('a new consent takes up the plan that was chosen', async () => {
  await changeSchedule(person, { group: 'library', kind: 'hourly', label: 'Often' })
  await db().account.updateMany({ where: { userId: person.id }, data: { consent: 'reconnect' } })
  expect((await answerOf('library'))?.nextAt).toBeNull()
  await harness.signIn(listener)
  expect(await answerOf('library')).toMatchObject({ kind: 'hourly', label: 'Often' })
  expect(await nextAt('library')).toBeLessThanOrEqual(Date.now() + HOUR)
})
