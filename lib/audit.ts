import { db, type Prisma } from './db.ts'

/** The actions that are counted to limit them. They are keys in the database: reworded, the counts would start again. */
export const COUNTED_ACTIONS = {
  channelTested: 'tested a notification channel',
  channelAdded: 'added a notification channel',
  channelChanged: 'changed a notification channel',
  appChecked: 'checked a Spotify app',
} as const

/** Records what a person did. Ids and counts only, because the audit log outlives the listener. */
export async function recordAudit(
  actor: string | null,
  action: string,
  subject?: string,
  detail: Prisma.InputJsonObject = {},
  tx: Prisma.TransactionClient = db(),
): Promise<void> {
  await tx.auditEvent.create({ data: { actor, action, subject: subject ?? null, detail } })
}
