import { ulid } from 'ulid'
import { z } from 'zod'
import type { NotificationEvent } from '#lib/api/lists.ts'
import { now, toIso } from '#lib/core/clock.ts'
import { type AlertKind, db, type Prisma } from '#lib/db.ts'
import { alertTitles, type LaterAlert } from './alert-titles.ts'

/** The content of a message, for any channel. Stored as JSON until it is sent. */
export const Content = z.object({
  title: z.string(),
  /** When it happened, ISO 8601 UTC; shown in the listener's zone. */
  at: z.string(),
  /** When a resolved problem began. */
  since: z.string().nullable(),
  /** Labels and values, in display order. */
  facts: z.record(z.string(), z.string()),
  problem: z.string().nullable(),
  remedy: z.string().nullable(),
  /** The page that has the details, for example /runs/<id>. */
  path: z.string(),
})

export type Content = z.infer<typeof Content>

export interface Notification {
  event: NotificationEvent
  /** What it is about, for example a run id. Each channel is notified once per subject and event. */
  subject: string
  title: string
  facts: Record<string, string>
  problem?: string | null
  remedy?: string | null
  path?: string
  since?: Date
  /** For reminders: how many days before the end it is due. */
  reminderDays?: number
  /** Only for channels that got one of these messages, so that nobody hears about the end of a problem they never heard of. */
  onlyAfter?: { subject: string; event?: NotificationEvent }[]
}

/**
 * Writes a message for each of the listener's channels that wants the event; a job sends them. Repeating it for the same
 * subject writes nothing.
 */
export async function notify(userId: string, notification: Notification): Promise<void> {
  await db().$transaction((tx) => notifyIn(tx, userId, notification))
}

/** `notify` inside the caller's transaction. */
export async function notifyIn(
  tx: Prisma.TransactionClient,
  userId: string,
  notification: Notification,
): Promise<void> {
  const {
    event,
    subject,
    title,
    facts,
    problem = null,
    remedy = null,
    path = '/runs',
    since,
    onlyAfter,
    reminderDays,
  } = notification
  const channels = await tx.notificationChannel.findMany({
    where: {
      userId,
      user: { suspendedAt: null },
      events: { has: event },
      ...(onlyAfter ? { messages: { some: { OR: onlyAfter } } } : {}),
    },
    select: { id: true },
  })
  if (channels.length === 0) return
  const at = now()
  const content: Content = {
    title,
    at: at.toISOString(),
    since: toIso(since),
    facts,
    problem,
    remedy,
    path,
  }
  await tx.message.createMany({
    data: channels.map((channel) => ({
      id: ulid(),
      channelId: channel.id,
      event,
      subject,
      content,
      reminderDays: reminderDays ?? null,
      nextAt: at,
    })),
    skipDuplicates: true,
  })
}

/** What an alert is about. A listener can have one open alert per topic. */
export type AlertTopic =
  | { kind: 'stream' | 'part'; stream: string }
  | { kind: 'other'; stream: LaterAlert }
  | { kind: Exclude<AlertKind, 'stream' | 'part' | 'other'>; stream?: null }

export interface AlertDetails {
  problem: string
  remedy: string | null
  runId?: string | null
  /** The event to notify as; `failed` by default. */
  event?: NotificationEvent
  facts?: Record<string, string>
  path?: string
}

/**
 * Opens an alert about a problem that may recur at every attempt: notified once, until it is resolved.
 * @returns whether it is new
 */
export async function openAlert(
  userId: string,
  { kind, stream = null }: AlertTopic,
  details: AlertDetails,
): Promise<boolean> {
  const { problem, remedy, runId = null, event = 'failed', facts = {}, path } = details
  const titles = alertTitles({ kind, stream })
  return db().$transaction(async (tx) => {
    const id = ulid()
    const { count } = await tx.alert.createMany({
      data: { id, userId, kind, stream, problem, remedy, runId, beganAt: now() },
      skipDuplicates: true,
    })
    if (count === 0) return false
    await notifyIn(tx, userId, {
      event,
      subject: id,
      title: titles.opened,
      facts: { ...facts, ...(runId ? { Run: runId } : {}) },
      problem,
      remedy,
      path: path ?? (runId ? `/runs/${runId}` : titles.path),
    })
    return true
  })
}

/**
 * Resolves an alert if it is open, and notifies once.
 * @returns whether it was open
 */
export async function resolveAlert(
  userId: string,
  { kind, stream = null }: AlertTopic,
  { runId = null, facts = {} }: { runId?: string | null; facts?: Record<string, string> } = {},
): Promise<boolean> {
  const open = await db().alert.findFirst({ where: { userId, kind, stream, endedAt: null } })
  if (!open) return false
  const titles = alertTitles(open)
  return db().$transaction(async (tx) => {
    const { count } = await tx.alert.updateMany({ where: { id: open.id, endedAt: null }, data: { endedAt: now() } })
    if (count === 0) return false
    await notifyIn(tx, userId, {
      event: 'recovered',
      subject: open.id,
      title: titles.resolved,
      facts: { ...facts, 'Earlier problem': open.problem },
      since: open.beganAt,
      onlyAfter: [{ subject: open.id }],
      path: runId ? `/runs/${runId}` : titles.path,
    })
    return true
  })
}

/** Closes an alert without a notification, because its subject was removed, switched off or given up. */
export async function dropAlert(userId: string, { kind, stream = null }: AlertTopic): Promise<void> {
  await db().alert.updateMany({ where: { userId, kind, stream, endedAt: null }, data: { endedAt: now() } })
}
