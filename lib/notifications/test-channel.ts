import { ulid } from 'ulid'
import type { ChannelTest } from '#lib/api/channels.ts'
import { COUNTED_ACTIONS } from '#lib/audit.ts'
import { channelKind } from '#lib/channels/kinds.ts'
import { now } from '#lib/core/clock.ts'
import { Failure } from '#lib/core/errors.ts'
import { db } from '#lib/db.ts'
import type { Content } from './alerts.ts'
import { lockListener, spendAllowance } from './allowance.ts'
import { ownChannel } from './channels.ts'
import { problemOf, trySending } from './send.ts'

const EVENT = 'test'

/**
 * Sends a test message now.
 * @returns whether it arrived
 * @throws Refused 404 for somebody else's channel, 429 after too many
 */
export async function testChannel(
  listener: { id: string; zone: string | null },
  channelId: string,
): Promise<ChannelTest> {
  const channel = await ownChannel(listener, channelId)
  const kind = channelKind(channel.kind)
  await db().$transaction(async (tx) => {
    await lockListener(tx, listener.id)
    await spendAllowance(tx, listener.id, { action: COUNTED_ACTIONS.channelTested, channelId, kind })
  })
  const content: Content = {
    title: 'Tracklake can reach you here',
    at: now().toISOString(),
    since: null,
    facts: { Channel: channel.label },
    problem: null,
    remedy: null,
    path: '/settings',
  }
  const id = ulid()
  await db().message.create({ data: { id, channelId, event: EVENT, subject: id, content, attempts: 1 } })
  const failure = await trySending(channel, { id, event: EVENT, content }, listener.zone ?? 'UTC')
  await db().message.updateMany({
    where: { id },
    data: failure ? { problem: problemOf(failure) } : { sentAt: now() },
  })
  if (!failure) return { arrived: true, problem: null, remedy: null }
  return failure instanceof Failure
    ? { arrived: false, problem: failure.message, remedy: failure.remedy }
    : { arrived: false, problem: problemOf(failure), remedy: 'The log of the web process has details.' }
}
