import { expect } from 'vitest'
import { buildModels } from './build.ts'
import { addRows, clearRows, play, settings, songRows, warehouseTest as test } from './fixtures.ts'

const HOUR = 3_600_000
const now = () => new Date('2026-12-31T12:00:00.000Z')

/** Local day, hour and weekday by Intl, which knows zones independently of the warehouse. */
function localBy(zone: string) {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
    weekday: 'short',
  })
  return (instant: string) => {
    const part = Object.fromEntries(format.formatToParts(new Date(instant)).map(({ type, value }) => [type, value]))
    return {
      day: `${part.year}-${part.month}-${part.day}`,
      hour: Number(part.hour),
      weekday: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(part.weekday ?? '') + 1,
    }
  }
}

/** Every 29 minutes around both changes of the clock in Berlin, New York and Chatham, and in the middle of the year. */
const INSTANTS = [
  '2026-03-08',
  '2026-03-29',
  '2026-04-05',
  '2026-07-01',
  '2026-09-27',
  '2026-10-25',
  '2026-11-01',
].flatMap((day) =>
  Array.from({ length: 100 }, (_, index) =>
    new Date(Date.parse(`${day}T00:00:00.000Z`) - 12 * HOUR + index * 29 * 60_000).toISOString(),
  ),
)

test('day, hour and weekday of plays are those of the listener’s zone, also when clocks change', async ({
  warehouse,
}) => {
  await addRows(warehouse, { ...songRows('a'), plays: INSTANTS.map((instant) => play('a', instant)) })
  for (const zone of [
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kathmandu',
    'Pacific/Chatham',
    'Asia/Yekaterinburg',
    'UTC',
  ]) {
    await clearRows(warehouse, 'settings')
    await addRows(warehouse, { settings: [settings({ zone })] })
    await buildModels(warehouse, { now })
    const plays = await warehouse.query(
      'select played_at, day, hour, weekday from analytical.fct_plays order by played_at',
      [],
    )
    const local = localBy(zone)
    expect(plays, zone).toEqual([...INSTANTS].sort().map((played_at) => ({ played_at, ...local(played_at) })))
  }
}, 120_000)

test('a day of 23 or 25 hours is one day of the calendar', async ({ warehouse }) => {
  await addRows(warehouse, {
    ...songRows('a'),
    settings: [settings({ zone: 'Europe/Berlin' })],
    // 30 minutes before and after the days of the changes.
    plays: [
      '2026-03-28T22:30:00.000Z',
      '2026-03-28T23:30:00.000Z',
      '2026-03-29T21:30:00.000Z',
      '2026-03-29T22:30:00.000Z',
      '2026-10-24T22:30:00.000Z',
      '2026-10-25T22:30:00.000Z',
      '2026-10-25T23:30:00.000Z',
    ].map((instant) => play('a', instant)),
  })
  await buildModels(warehouse, { now: () => new Date('2026-10-27T12:00:00.000Z') })
  const days = await warehouse.query('select day, plays from analytical.agg_days where plays > 0 order by day', [])
  expect(days).toEqual([
    { day: '2026-03-28', plays: 1 },
    { day: '2026-03-29', plays: 2 },
    { day: '2026-03-30', plays: 1 },
    { day: '2026-10-25', plays: 2 },
    { day: '2026-10-26', plays: 1 },
  ])
  const [calendar] = await warehouse.query(
    'select count(*) as days, count(distinct day) as different, min(day) as first, max(day) as last from analytical.agg_days',
    [],
  )
  expect(calendar).toEqual({ days: 214, different: 214, first: '2026-03-28', last: '2026-10-27' })
})

test('weeks start on the day that the listener chose', async ({ warehouse }) => {
  const days = Array.from({ length: 21 }, (_, index) => new Date(Date.UTC(2026, 2, 1 + index, 12)).toISOString())
  await addRows(warehouse, { plays: days.map((day, index) => play(`t${index}`, day)) })
  for (const index of days.keys()) await addRows(warehouse, songRows(`t${index}`))
  for (const week_start of [1, 2, 3, 4, 5, 6, 7]) {
    await clearRows(warehouse, 'settings')
    await addRows(warehouse, { settings: [settings({ week_start })] })
    await buildModels(warehouse, { now })
    const weeks = await warehouse.query(
      `select first_day, artists from reporting.rpt_new_artists where period = 'week' order by 1`,
      [],
    )
    // Walks back from each day to the weekday on which weeks start.
    const expected = new Map<string, number>()
    for (const day of days) {
      const first = new Date(day)
      while ((first.getUTCDay() || 7) !== week_start) first.setUTCDate(first.getUTCDate() - 1)
      const name = first.toISOString().slice(0, 10)
      expected.set(name, (expected.get(name) ?? 0) + 1)
    }
    expect(weeks, `week start ${week_start}`).toEqual(
      [...expected].sort().map(([first_day, artists]) => ({ first_day, artists })),
    )
  }
})
