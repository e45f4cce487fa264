import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { nextFiring } from '#inngest/engine/protocol/functions.ts'
import { createListener } from '#lib/accounts/connect.ts'
import { db } from '#lib/db.ts'
import { addChannel } from '#lib/notifications/channels.ts'
import { sendWeeklySummaries } from '#lib/notifications/weekly-summary.ts'
import { type Harness, startHarness } from '#testing/sync/harness.ts'

/** Who is told the week when, by the very times at which the function is started. */

let harness: Harness
let crons: string[]

beforeAll(async () => {
  harness = await startHarness({ WEBHOOKS_TO_LOOPBACK: '1' })
  ;({ WEEKLY_CRONS: crons } = await import('./weekly-summary.ts'))
})
beforeEach(() => db().user.deleteMany())
afterAll(() => harness.stop())

const ZONES = ['Pacific/Kiritimati', 'Asia/Kathmandu', 'Europe/Berlin', 'Pacific/Honolulu', 'Etc/GMT+12']

/** When each zone's listener is told, while the instance is there between two instants. */
async function toldBetween(from: string, to: string): Promise<Record<string, string[]>> {
  for (const zone of ZONES) {
    const listener = await createListener({ name: zone, zone })
    const channel = { kind: 'webhook', label: zone, address: 'http://127.0.0.1:9/' } as const
    await addChannel(listener, { ...channel, events: ['weekly summary'] })
  }
  const told: Record<string, string[]> = {}
  const next = (after: Date) =>
    new Date(Math.min(...crons.map((cron) => nextFiring(cron, after)?.getTime() ?? Number.POSITIVE_INFINITY)))
  for (let at = next(new Date(from)); at < new Date(to); at = next(at)) {
    await sendWeeklySummaries(at)
    const fresh = await db().message.findMany({ where: { sentAt: null }, include: { channel: true } })
    for (const { channel } of fresh) {
      const local = { timeZone: channel.label, weekday: 'short', hour: '2-digit', minute: '2-digit' } as const
      told[channel.label] ??= []
      told[channel.label]?.push(new Intl.DateTimeFormat('en-GB', local).format(at))
    }
    await db().message.updateMany({ data: { sentAt: at } })
  }
  return told
}

test('everybody is told once, on Monday at nine of their own', async () => {
  const told = await toldBetween('2026-11-20T00:00:00Z', '2026-11-26T00:00:00Z')
  expect(told).toEqual(Object.fromEntries(ZONES.map((zone) => [zone, ['Mon 09:00']])))
})

test('after a Monday without the instance it is told late, as long as it is news', async () => {
  expect(await toldBetween('2026-11-23T22:30:00Z', '2026-11-26T00:00:00Z')).toEqual({
    'Asia/Kathmandu': ['Tue 04:30'],
    'Europe/Berlin': ['Mon 23:45'],
    'Pacific/Honolulu': ['Mon 12:45'],
    'Etc/GMT+12': ['Mon 10:45'],
  })
})
