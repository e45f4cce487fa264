import { db, type Prisma } from './db.ts'

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
