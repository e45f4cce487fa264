import { ulid } from 'ulid'
import { z } from 'zod'
import type { NotificationEvent } from '#lib/api/lists.ts'
import { now } from '#lib/core/clock.ts'
import { type AlertKind, db, type Prisma } from '#lib/db.ts'
import { troubleName } from './alert-titles.ts'

/** What a message says, whatever carries it. Kept as JSON until it is sent. */
export const Content = z.object({
  title: z.string(),
  /** When it happened, ISO 8601 UTC; shown in the listener's zone. */
  at: z.string(),
  /** When what is over began. */
  since: z.string().nullable(),
  /** Label and value, in the order in which they are shown. */
  facts: z.record(z.string(), z.string()),
  problem: z.string().nullable(),
  remedy: z.string().nullable(),
  /** The page that has the details, for example /runs/<id>. */
  path: z.string(),
})

export type Content = z.infer<typeof Content>

export interface Telling {
  event: NotificationEvent
  /** What it is about, for example the run's id: the same subject is told once to each channel. */
  subject: string
  title: string
  facts: Record<string, string>
  problem?: string | null
  remedy?: string | null
  path?: string
  since?: Date
  /** Of a reminder: how many days before the end it is due. */
  reminderDays?: number
  /** Only to channels that hold one of these messages: who was not told of the beginning is not told of the end. */
  onlyAfter?: { subject: string; event?: NotificationEvent }[]
}

/**
 * Writes a message for each channel of the listener that wants the event; a job sends them. Telling the same subject
 * again writes nothing.
 */
export async function tell(userId: string, telling: Telling): Promise<void> {
  await db().$transaction((tx) => tellIn(tx, userId, telling))
}

/** `tell` inside a transaction of the caller's. */
export async function tellIn(tx: Prisma.TransactionClient, userId: string, telling: Telling): Promise<void> {
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
  } = telling
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
    since: since?.toISOString() ?? null,
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

/** What an alert is about; one of each may be open for a listener. */
export type AlertTopic =
  | { kind: 'stream' | 'part'; stream: string }
  | { kind: Exclude<AlertKind, 'stream' | 'part'>; stream?: null }

export interface TroubleDetails {
  problem: string
  remedy: string | null
  runId?: string | null
  /** As what it is told; `failed` unless said. */
  event?: NotificationEvent
  facts?: Record<string, string>
  path?: string
}

/**
 * Something went wrong for a listener and may go wrong again at each try: told when it begins, and not again before it
 * is over.
 * @returns whether it is new
 */
export async function beginTrouble(
  userId: string,
  { kind, stream = null }: AlertTopic,
  details: TroubleDetails,
): Promise<boolean> {
  const { problem, remedy, runId = null, event = 'failed', facts = {}, path } = details
  const name = troubleName({ kind, stream })
  return db().$transaction(async (tx) => {
    const id = ulid()
    const { count } = await tx.alert.createMany({
      data: { id, userId, kind, stream, problem, remedy, runId, beganAt: now() },
      skipDuplicates: true,
    })
    if (count === 0) return false
    await tellIn(tx, userId, {
      event,
      subject: id,
      title: name.begins,
      facts: { ...facts, ...(runId ? { Run: runId } : {}) },
      problem,
      remedy,
      path: path ?? (runId ? `/runs/${runId}` : name.path),
    })
    return true
  })
}

/**
 * The trouble is over, if there was one: told once.
 * @returns whether there was one
 */
export async function endTrouble(
  userId: string,
  { kind, stream = null }: AlertTopic,
  { runId = null, facts = {} }: { runId?: string | null; facts?: Record<string, string> } = {},
): Promise<boolean> {
  const open = await db().alert.findFirst({ where: { userId, kind, stream, endedAt: null } })
  if (!open) return false
  const name = troubleName(open)
  return db().$transaction(async (tx) => {
    const { count } = await tx.alert.updateMany({ where: { id: open.id, endedAt: null }, data: { endedAt: now() } })
    if (count === 0) return false
    await tellIn(tx, userId, {
      event: 'recovered',
      subject: open.id,
      title: name.ends,
      facts: { ...facts, 'Was wrong': open.problem },
      since: open.beganAt,
      onlyAfter: [{ subject: open.id }],
      path: runId ? `/runs/${runId}` : name.path,
    })
    return true
  })
}

/** What was troubled is gone, switched off or given up by a person: nothing is told. */
export async function dropTrouble(userId: string, { kind, stream = null }: AlertTopic): Promise<void> {
  await db().alert.updateMany({ where: { userId, kind, stream, endedAt: null }, data: { endedAt: now() } })
}
