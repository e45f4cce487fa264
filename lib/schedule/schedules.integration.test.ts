import { expect } from 'vitest'
import { changeSettings, settingsOf } from '#lib/accounts/status.ts'
import type { ScheduleChange } from '#lib/api/settings.ts'
import { DAY, HOUR, MINUTE } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { db } from '#lib/db.ts'
import { cancelRun } from '#lib/runs/runs.ts'
import { test as base } from '#testing/sync/fixture.ts'
import { bringForward, plan } from './plan.ts'
import { changeSchedule } from './schedules.ts'

const PLAYS = 'recently played'

interface Person {
  id: string
  zone: string
}

const test = base.extend('person', async ({ listener: { userId, runId } }): Promise<Person> => {
  await cancelRun(runId)
  return { id: userId, zone: 'Asia/Kolkata' }
})

const scheduleOf = async (person: Person, group: string) => {
  const { schedules } = await settingsOf(person)
  return schedules.find((schedule) => schedule.group === group)
}
const nextAt = async (person: Person, group: string) => Date.parse((await scheduleOf(person, group))?.nextAt ?? '')
const missed = (person: Person, group: string) =>
  db().schedule.updateMany({ where: { userId: person.id, group }, data: { nextAt: new Date(Date.now() - 3 * DAY) } })
/** How many stream runs a planning tick starts. */
async function planned(person: Person): Promise<number> {
  await plan(new Date())
  const { count } = await db().streamRun.updateMany({
    where: { userId: person.id, state: 'queued' },
    data: { state: 'cancelled' },
  })
  return count
}

async function refusedFields(person: Person, change: ScheduleChange): Promise<string[]> {
  const result: unknown = await changeSchedule(person, change).then(
    () => null,
    (error: unknown) => error,
  )
  return result instanceof Refused ? Object.keys(result.fields ?? {}) : ['not refused']
}

test('a schedule is saved with its description and its next time in the listener’s zone', async ({ person }) => {
  await changeSchedule(person, { group: 'library', kind: 'weekly', weekday: 3, at: '7:30', label: '  Midweek ' })
  const library = await scheduleOf(person, 'library')
  expect(library).toMatchObject({ kind: 'weekly', at: '7:30', label: 'Midweek', every: 'on Wednesday at 7:30' })
  const shown = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Kolkata', weekday: 'long' })
  expect(shown.format(new Date(library?.nextAt ?? ''))).toBe('Wednesday')
  expect(library?.nextAt).toMatch(/T02:00:00/)
  await changeSettings(person, { zone: 'Pacific/Chatham' })
  // 12:45 or 13:45 ahead of UTC.
  expect((await scheduleOf(person, 'library'))?.nextAt).toMatch(/T1[78]:45:00/)
})

test('an impossible schedule is refused at its field, and the saved one stays', async ({ person }) => {
  await changeSchedule(person, { group: PLAYS, kind: 'every 15 minutes', fromHour: 7, toHour: 23 })
  const before = await scheduleOf(person, PLAYS)
  expect(await refusedFields(person, { group: PLAYS, fromHour: 23 })).toEqual(['toHour'])
  expect(await refusedFields(person, { group: PLAYS, kind: 'weekly' })).toEqual(['weekday'])
  expect(await refusedFields(person, { group: 'weather', kind: 'daily' })).toEqual(['group'])
  expect(await scheduleOf(person, PLAYS)).toEqual(before)
})

test('paused and off schedules start nothing, and missed times are not made up', async ({ person }) => {
  await changeSchedule(person, { group: PLAYS, paused: true })
  await missed(person, PLAYS)
  expect(await planned(person)).toBe(0)
  expect(await scheduleOf(person, PLAYS)).toMatchObject({ paused: true, nextAt: null })
  await changeSchedule(person, { group: PLAYS, paused: false })
  expect(await planned(person)).toBe(0)
  expect(await nextAt(person, PLAYS)).toBeGreaterThan(Date.now())
  await changeSchedule(person, { group: PLAYS, kind: 'off' })
  expect(await scheduleOf(person, PLAYS)).toMatchObject({ every: 'off', nextAt: null })
  await bringForward(person.id, 50, new Date())
  expect(await planned(person)).toBe(0)
})

test('a new label, a pause and a new zone keep a time that is due and a poll that was brought forward', async ({
  person,
}) => {
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
  expect(await nextAt(person, PLAYS)).toBe(soon.getTime())
  await changeSettings(person, { zone: 'Pacific/Chatham' })
  expect(await nextAt(person, PLAYS)).toBe(soon.getTime())
  const library = { userId_group: { userId: person.id, group: 'library' } }
  expect((await db().schedule.findUniqueOrThrow({ where: library })).nextAt).toEqual(due)
  // Saving the same zone and schedule again changes nothing.
  await db().schedule.update({ where: library, data: { nextAt: soon, paused: false } })
  await changeSettings(person, { zone: 'Pacific/Chatham' })
  await changeSchedule(person, { group: 'library', kind: 'daily', at: '7:30' })
  expect(await nextAt(person, 'library')).toBe(soon.getTime())
})

test('three days of missed polls are one poll, and the next one is 15 minutes later', async ({ person }) => {
  await changeSchedule(person, { group: PLAYS, kind: 'every 15 minutes', fromHour: 0, toHour: 24 })
  expect(await nextAt(person, PLAYS)).toBeLessThanOrEqual(Date.now() + 15 * MINUTE)
  await missed(person, PLAYS)
  expect(await planned(person)).toBe(1)
  expect(await planned(person)).toBe(0)
  expect(await nextAt(person, PLAYS)).toBeLessThanOrEqual(Date.now() + 15 * MINUTE)
})

test('a new consent resumes the saved schedule', async ({ harness, person, listener: { name } }) => {
  await changeSchedule(person, { group: 'library', kind: 'hourly', label: 'Often' })
  await db().account.updateMany({ where: { userId: person.id }, data: { consent: 'reconnect' } })
  expect((await scheduleOf(person, 'library'))?.nextAt).toBeNull()
  await harness.signIn(name)
  expect(await scheduleOf(person, 'library')).toMatchObject({ kind: 'hourly', label: 'Often' })
  expect(await nextAt(person, 'library')).toBeLessThanOrEqual(Date.now() + HOUR)
})
