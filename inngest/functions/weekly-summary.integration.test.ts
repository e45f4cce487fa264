import { beforeEach, expect } from 'vitest'
import { nextFiring } from '#inngest/engine/protocol/functions.ts'
import { createListener } from '#lib/accounts/connect.ts'
import { db } from '#lib/db.ts'
import { addChannel } from '#lib/notifications/channels.ts'
import { sendWeeklySummaries } from '#lib/notifications/weekly-summary.ts'
import { test } from '#testing/sync/fixture.ts'

/** When each listener gets the weekly summary, at the times when the function actually starts. */

test.override('options', [{ WEBHOOKS_TO_LOOPBACK: '1' }])

beforeEach(() => db().user.deleteMany())

const ZONES = ['Pacific/Kiritimati', 'Asia/Kathmandu', 'Europe/Berlin', 'Pacific/Honolulu', 'Etc/GMT+12']

/** When the listener in each time zone gets the summary, if the instance runs between two instants. */
async function sentBetween(from: string, to: string): Promise<Record<string, string[]>> {
  // Imported late because it reads the settings when it is loaded.
  const { WEEKLY_CRONS } = await import('./weekly-summary.ts')
  for (const zone of ZONES) {
    const listener = await createListener({ name: zone, zone })
    const channel = { kind: 'webhook', label: zone, address: 'http://127.0.0.1:9/' } as const
    await addChannel(listener, { ...channel, events: ['weekly summary'] })
  }
  const sent: Record<string, string[]> = {}
  const next = (after: Date) =>
    new Date(Math.min(...WEEKLY_CRONS.map((cron) => nextFiring(cron, after)?.getTime() ?? Number.POSITIVE_INFINITY)))
  for (let at = next(new Date(from)); at < new Date(to); at = next(at)) {
    await sendWeeklySummaries(at)
    const fresh = await db().message.findMany({ where: { sentAt: null }, include: { channel: true } })
    for (const { channel } of fresh) {
      const local = { timeZone: channel.label, weekday: 'short', hour: '2-digit', minute: '2-digit' } as const
      sent[channel.label] ??= []
      sent[channel.label]?.push(new Intl.DateTimeFormat('en-GB', local).format(at))
    }
    await db().message.updateMany({ data: { sentAt: at } })
  }
  return sent
}

test('every listener gets one summary, on Monday at 9:00 local time', async () => {
  const sent = await sentBetween('2026-11-20T00:00:00Z', '2026-11-26T00:00:00Z')
  expect(sent).toEqual(Object.fromEntries(ZONES.map((zone) => [zone, ['Mon 09:00']])))
})

test('after a Monday without the instance the summary comes late, until Tuesday', async () => {
  expect(await sentBetween('2026-11-23T22:30:00Z', '2026-11-26T00:00:00Z')).toEqual({
    'Asia/Kathmandu': ['Tue 04:30'],
    'Europe/Berlin': ['Mon 23:45'],
    'Pacific/Honolulu': ['Mon 12:45'],
    'Etc/GMT+12': ['Mon 10:45'],
  })
})
