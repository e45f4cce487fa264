import { ulid } from 'ulid'
import type { Channel, ChannelForm, ChannelsResponse, SavedChannel } from '#lib/api/channels.ts'
import { NOTIFICATION_EVENTS } from '#lib/api/lists.ts'
import { COUNTED_ACTIONS, recordAudit } from '#lib/audit.ts'
import type { Legacy } from '#lib/channels/channel.ts'
import { canMail, channels } from '#lib/channels/index.ts'
import { type ChannelKind, channelKind } from '#lib/channels/kinds.ts'
import { now, toIso } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { db, type NotificationChannel } from '#lib/db.ts'
import { lockListener, spendAllowance } from './allowance.ts'
import { legacyRules } from './legacy.ts'
import { openTarget, sealTarget } from './target.ts'

interface Listener {
  id: string
}

/** Per listener. */
const MAX_CHANNELS = 10

/** The listener's channels, oldest first, without their addresses. */
export async function channelsOf({ id: userId }: Listener): Promise<ChannelsResponse> {
  const found = await db().notificationChannel.findMany({
    where: { userId },
    orderBy: { id: 'asc' },
    take: MAX_CHANNELS,
  })
  const legacy = await legacyRules()
  return { channels: found.map((channel) => channelResponse(channel, legacy)), canMail: canMail() }
}

function channelResponse(channel: NotificationChannel, legacy: Legacy): Channel {
  const { id, kind, label, events, createdAt, lastSentAt, problem } = channel
  return {
    id,
    kind: channelKind(kind),
    label,
    events: NOTIFICATION_EVENTS.filter((event) => events.includes(event)),
    savedAt: createdAt.toISOString(),
    lastSentAt: toIso(lastSentAt),
    problem,
    warning: channels[channelKind(kind)].warningOf?.(openTarget(channel).address, legacy) ?? null,
  }
}

/** @throws Refused 400 with the wrong field, 409 if there are too many, 429 after too many addresses */
export async function addChannel(listener: Listener, form: ChannelForm): Promise<SavedChannel> {
  const { kind, label, address, token, events } = form
  await requireAddress(kind, address)
  const id = ulid()
  const signingSecret = channels[kind].newSecret?.() ?? null
  const channel = await db().$transaction(async (tx) => {
    await lockListener(tx, listener.id)
    if ((await tx.notificationChannel.count({ where: { userId: listener.id } })) >= MAX_CHANNELS)
      throw new Refused(
        409,
        'too-many-channels',
        `You already have ${MAX_CHANNELS} channels`,
        'Remove one of them first.',
      )
    await spendAllowance(tx, listener.id, { action: COUNTED_ACTIONS.channelAdded, channelId: id, kind })
    return tx.notificationChannel.create({
      data: {
        id,
        userId: listener.id,
        kind,
        label,
        events,
        target: sealTarget(id, { address, secret: signingSecret ?? token }),
      },
    })
  })
  return { channel: channelResponse(channel, await legacyRules()), signingSecret }
}

/**
 * Changes the given fields. A webhook's new address gets a new signing secret, because the old receiver must not be able to
 * sign for it.
 * @throws Refused 400 with the wrong field, 429 after too many addresses; nothing is saved then
 */
export async function changeChannel(
  listener: Listener,
  id: string,
  change: Partial<Omit<ChannelForm, 'kind'>>,
): Promise<SavedChannel> {
  const before = await ownChannel(listener, id)
  const kind = channelKind(before.kind)
  const { label, address, token, events } = change
  if (address !== undefined) await requireAddress(kind, address)
  const isNewAddress = address !== undefined
  const signingSecret = (isNewAddress && channels[kind].newSecret?.()) || null
  const saved = openTarget(before)
  const target =
    isNewAddress || token !== undefined
      ? {
          target: sealTarget(id, {
            address: address ?? saved.address,
            // The token of the old topic must not be sent to the server of the new one.
            secret: signingSecret ?? token ?? (isNewAddress ? undefined : saved.secret),
          }),
          createdAt: now(),
          problem: null,
        }
      : {}
  const channel = await db().$transaction(async (tx) => {
    await lockListener(tx, listener.id)
    const action = { action: COUNTED_ACTIONS.channelChanged, channelId: id, kind }
    if (isNewAddress) await spendAllowance(tx, listener.id, action)
    else await recordAudit(listener.id, action.action, id, {}, tx)
    return tx.notificationChannel.update({
      where: { id },
      data: { ...target, ...(label === undefined ? {} : { label }), ...(events ? { events } : {}) },
    })
  })
  return { channel: channelResponse(channel, await legacyRules()), signingSecret }
}

/** Removes a channel with its messages. @throws Refused 404 */
export async function removeChannel(listener: Listener, id: string): Promise<ChannelsResponse> {
  const { kind } = await ownChannel(listener, id)
  await db().notificationChannel.deleteMany({ where: { id, userId: listener.id } })
  await recordAudit(listener.id, 'removed a notification channel', id, { kind })
  return channelsOf(listener)
}

/** @throws Refused 404 for a channel that doesn't exist or isn't the listener's */
export async function ownChannel({ id: userId }: Listener, id: string): Promise<NotificationChannel> {
  const channel = await db().notificationChannel.findFirst({ where: { id, userId } })
  if (channel) return channel
  throw new Refused(404, 'unknown-channel', 'This channel does not exist', 'Open Settings and pick one from the list.')
}

async function requireAddress(kind: ChannelKind, address: string): Promise<void> {
  const problem = await channels[kind].problemOf(address)
  if (problem)
    throw new Refused(400, 'wrong-address', problem, 'Correct the address; nothing was saved.', { address: problem })
}
