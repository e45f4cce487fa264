import { channels } from '#lib/channels/index.ts'
import { channelKind } from '#lib/channels/kinds.ts'
import { HOUR, MINUTE, now } from '#lib/core/clock.ts'
import { Failure, messageOf, Transient, Wait } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db, type NotificationChannel, Prisma } from '#lib/db.ts'
import { legacyRules } from './legacy.ts'
import { outgoing } from './outgoing.ts'
import { openTarget } from './target.ts'

/** Pauses after failed attempts; after the last one the message is given up. */
const PAUSES_MS = [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR]
/** Longer than a batch can take: after this its sender counts as dead, and the message is sent again. */
const LEASE_MS = 3 * MINUTE
const BATCH = 40
/** The time one receiver gets per batch; the rest of its messages are sent with the next one. */
const CHANNEL_MS = MINUTE

interface Claimed {
  id: string
  channelId: string
  event: string
  content: unknown
  attempts: number
}

/** Whether a message is due. */
export async function hasMessages(at = now()): Promise<boolean> {
  return (await db().message.findFirst({ where: { nextAt: { lte: at } }, select: { id: true } })) !== null
}

/**
 * Sends a batch of due messages, channels in parallel so that a slow receiver delays no other. A message whose sender died is
 * sent again under the same id.
 * @returns whether there may be more
 */
export async function sendMessages(at = now()): Promise<boolean> {
  const claimed = await claim(at)
  const byChannel = Map.groupBy(claimed, ({ channelId }) => channelId)
  await Promise.all([...byChannel].map(([channelId, messages]) => sendAll(channelId, messages, at)))
  return claimed.length === BATCH
}

/** Concurrent senders claim different messages. */
function claim(at: Date): Promise<Claimed[]> {
  const lease = new Date(at.getTime() + LEASE_MS)
  return db().$queryRaw<Claimed[]>(Prisma.sql`
    update "Message" set "nextAt" = ${lease}, attempts = attempts + 1
    where id in (
      select id from "Message" where "nextAt" <= ${at} order by "nextAt", id limit ${BATCH} for update skip locked
    )
    returning id, "channelId", event, content, attempts`)
}

async function sendAll(channelId: string, messages: Claimed[], at: Date): Promise<void> {
  const channel = await db().notificationChannel.findUnique({
    where: { id: channelId },
    include: { user: { select: { zone: true, suspendedAt: true } } },
  })
  if (!channel) return
  if (channel.user.suspendedAt) return dropAll(messages)
  // Oldest first; ids are ULIDs.
  const inOrder = messages.toSorted((one, other) => (one.id < other.id ? -1 : 1))
  const end = Date.now() + CHANNEL_MS
  for (const [index, message] of inOrder.entries()) {
    if (Date.now() > end) return putBack(inOrder.slice(index), at)
    const failure = await trySending(channel, message, channel.user.zone ?? 'UTC')
    if (!failure) {
      await recordSent(message, at)
      continue
    }
    const nextAt = await recordFailure(message, failure, at)
    // A dead receiver is tried once per batch; the messages behind it keep their attempts.
    if (nextAt) return putBack(inOrder.slice(index + 1), nextAt)
  }
}

/** Sends one message and records the result on the channel. @returns why it failed, or null */
export async function trySending(
  channel: NotificationChannel,
  message: Pick<Claimed, 'id' | 'event' | 'content'>,
  zone: string,
): Promise<Error | null> {
  const failure = await deliver(channel, message, zone).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error : new Error(messageOf(error))),
  )
  await db().notificationChannel.updateMany({
    where: { id: channel.id },
    data: failure ? { problem: problemOf(failure) } : { problem: null, lastSentAt: now() },
  })
  return failure
}

async function deliver(channel: NotificationChannel, message: Pick<Claimed, 'id' | 'event' | 'content'>, zone: string) {
  await channels[channelKind(channel.kind)].send(openTarget(channel), outgoing(message, zone), await legacyRules())
}

/** Shows only the text of our own failures. */
export function problemOf(failure: Error): string {
  return failure instanceof Failure ? `${failure.message}. ${failure.remedy}` : 'The message could not be sent.'
}

async function recordSent({ id }: Claimed, at: Date): Promise<void> {
  await db().message.updateMany({ where: { id }, data: { nextAt: null, sentAt: at, problem: null } })
}

/** @returns when to try again, or null if the message is given up */
async function recordFailure({ id, channelId, attempts }: Claimed, failure: Error, at: Date): Promise<Date | null> {
  const pause = PAUSES_MS[attempts - 1]
  const isTemporary = failure instanceof Transient || failure instanceof Wait
  const next = isTemporary && pause !== undefined ? at.getTime() + pause : null
  const retryAfter = failure instanceof Wait ? failure.until.getTime() : 0
  const nextAt = next === null ? null : new Date(Math.max(next, retryAfter))
  if (nextAt) {
    await db().message.updateMany({ where: { id }, data: { nextAt, problem: problemOf(failure) } })
    return nextAt
  }
  const problem = isTemporary
    ? `${failure.message}. Tracklake gave up on this message after ${attempts} attempts.`
    : problemOf(failure)
  await db().message.updateMany({ where: { id }, data: { nextAt, problem } })
  await db().notificationChannel.updateMany({ where: { id: channelId }, data: { problem } })
  log.warn('gave up on a message', { messageId: id, channelId, attempts, problem })
  return null
}

/** Messages written before a suspension would be outdated when the listener is back. */
async function dropAll(messages: Claimed[]): Promise<void> {
  await db().message.updateMany({
    where: { id: { in: messages.map(({ id }) => id) } },
    data: { nextAt: null, problem: 'The listener was suspended.' },
  })
}

async function putBack(messages: Claimed[], nextAt: Date): Promise<void> {
  await db().message.updateMany({
    where: { id: { in: messages.map(({ id }) => id) } },
    data: { nextAt, attempts: { decrement: 1 } },
  })
}
