import { db, type Prisma } from './db.ts'

/** Notes what a person did. Ids and counts only: the trail outlives the listener. */
export async function audit(
  actor: string | null,
  action: string,
  subject?: string,
  detail: Prisma.InputJsonObject = {},
  tx: Prisma.TransactionClient = db(),
): Promise<void> {
  await tx.auditEvent.create({ data: { actor, action, subject: subject ?? null, detail } })
}
