import { ulid } from 'ulid'
import type { Channel, ChannelForm, ChannelsResponse, SavedChannel } from '#lib/api/channels.ts'
import { NOTIFICATION_EVENTS } from '#lib/api/lists.ts'
import { audit } from '#lib/audit.ts'
import { canMail, channels, newSigningSecret } from '#lib/channels/index.ts'
import type { ChannelKind } from '#lib/channels/kinds.ts'
import { now } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { db, type NotificationChannel } from '#lib/db.ts'
import { spendAllowance, takeTurn } from './allowance.ts'
import { openTarget, sealTarget } from './target.ts'

interface Listener {
  id: string
}

/** So many channels a listener may have. */
const MOST_CHANNELS = 10

/** The listener's channels, in the order in which they were added; nothing of their addresses. */
export async function channelsOf({ id: userId }: Listener): Promise<ChannelsResponse> {
  const found = await db().notificationChannel.findMany({
    where: { userId },
    orderBy: { id: 'asc' },
    take: MOST_CHANNELS,
  })
  return { channels: found.map(channelAnswer), canMail: canMail() }
}

function channelAnswer({ id, kind, label, events, createdAt, lastSentAt, problem }: NotificationChannel): Channel {
  return {
    id,
    kind,
    label,
    events: NOTIFICATION_EVENTS.filter((event) => events.includes(event)),
    savedAt: createdAt.toISOString(),
    lastSentAt: lastSentAt?.toISOString() ?? null,
    problem,
  }
}

/** @throws Refused 400 with the field that is wrong, 409 when there are too many, 429 after too many addresses */
export async function addChannel(listener: Listener, form: ChannelForm): Promise<SavedChannel> {
  const { kind, label, address, token, events } = form
  await requireAddress(kind, address)
  const id = ulid()
  const secret = kind === 'webhook' ? newSigningSecret() : token
  const channel = await db().$transaction(async (tx) => {
    await takeTurn(tx, listener.id)
    if ((await tx.notificationChannel.count({ where: { userId: listener.id } })) >= MOST_CHANNELS)
      throw new Refused(
        409,
        'too-many-channels',
        `There are ${MOST_CHANNELS} channels already`,
        'Remove one of them first.',
      )
    await spendAllowance(tx, listener.id, { action: 'added a notification channel', channelId: id, kind })
    return tx.notificationChannel.create({
      data: { id, userId: listener.id, kind, label, events, target: sealTarget(id, { address, secret }) },
    })
  })
  return { channel: channelAnswer(channel), signingSecret: kind === 'webhook' ? (secret ?? null) : null }
}

/**
 * Changes what is given; a new address of a webhook gets a new signing secret, because whoever had the old one is not
 * to sign for it.
 * @throws Refused 400 with the field that is wrong, 429 after too many addresses; what was saved stays
 */
export async function changeChannel(
  listener: Listener,
  id: string,
  change: Partial<Omit<ChannelForm, 'kind'>>,
): Promise<SavedChannel> {
  const before = await ownChannel(listener, id)
  const { label, address, token, events } = change
  if (address !== undefined) await requireAddress(before.kind, address)
  const isNewAddress = address !== undefined
  const signingSecret = isNewAddress && before.kind === 'webhook' ? newSigningSecret() : null
  const saved = openTarget(before)
  const target =
    isNewAddress || token !== undefined
      ? {
          target: sealTarget(id, {
            address: address ?? saved.address,
            // A token that let into the old topic is not handed to the server of a new one.
            secret: signingSecret ?? token ?? (isNewAddress ? undefined : saved.secret),
          }),
          createdAt: now(),
          problem: null,
        }
      : {}
  const channel = await db().$transaction(async (tx) => {
    await takeTurn(tx, listener.id)
    const deed = { action: 'changed a notification channel', channelId: id, kind: before.kind } as const
    if (isNewAddress) await spendAllowance(tx, listener.id, deed)
    else await audit(listener.id, deed.action, id, {}, tx)
    return tx.notificationChannel.update({
      where: { id },
      data: { ...target, ...(label === undefined ? {} : { label }), ...(events ? { events } : {}) },
    })
  })
  return { channel: channelAnswer(channel), signingSecret }
}

/** Removes a channel with its messages. @throws Refused 404 */
export async function removeChannel(listener: Listener, id: string): Promise<ChannelsResponse> {
  const { kind } = await ownChannel(listener, id)
  await db().notificationChannel.deleteMany({ where: { id, userId: listener.id } })
  await audit(listener.id, 'removed a notification channel', id, { kind })
  return channelsOf(listener)
}

/** @throws Refused 404 for a channel that is not there or not the listener's */
export async function ownChannel({ id: userId }: Listener, id: string): Promise<NotificationChannel> {
  const channel = await db().notificationChannel.findFirst({ where: { id, userId } })
  if (channel) return channel
  throw new Refused(404, 'unknown-channel', 'There is no such channel', 'Open Settings and pick one of the list.')
}

async function requireAddress(kind: ChannelKind, address: string): Promise<void> {
  const problem = await channels[kind].problemOf(address)
  if (problem)
    throw new Refused(400, 'wrong-address', problem, 'Correct the address; nothing was saved.', { address: problem })
}
