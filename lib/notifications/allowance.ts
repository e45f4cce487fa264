import { COUNTED_ACTIONS, recordAudit } from '#lib/audit.ts'
import type { ChannelKind } from '#lib/channels/kinds.ts'
import { DAY, HOUR, now, SECOND } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import type { Prisma } from '#lib/db.ts'

/**
 * Limits what a listener can make this installation send to addresses that may be somebody else's. Counted in the audit
 * log, which outlives a channel, so that removing and adding a channel doesn't reset the count.
 */

const { channelTested, channelAdded, channelChanged } = COUNTED_ACTIONS

const MAX_TESTS_AN_HOUR = 20
/** New addresses and tests together, because they count against the reputation of the operator's mail server. */
const MAX_MAILS_A_DAY = 20

interface ChannelAction {
  action: typeof channelTested | typeof channelAdded | typeof channelChanged
  channelId: string
  kind: ChannelKind
}

/** Locks the listener's row until the transaction ends, so that two changes at once are counted one after the other. */
export async function lockListener(tx: Prisma.TransactionClient, userId: string): Promise<void> {
  await tx.$queryRaw`select 1 from "User" where id = ${userId} for update`
}

/**
 * Records that something is, or can be, sent to an address. The caller holds the lock.
 * @throws Refused 429 after too many
 */
export async function spendAllowance(
  tx: Prisma.TransactionClient,
  userId: string,
  change: ChannelAction,
): Promise<void> {
  const { action, channelId, kind } = change
  const since = (ms: number, where: Prisma.AuditEventWhereInput) =>
    tx.auditEvent.count({ where: { actor: userId, at: { gt: new Date(now().getTime() - ms) }, ...where } })
  if (action === channelTested && (await since(HOUR, { action })) >= MAX_TESTS_AN_HOUR)
    throw tooMany(`You've sent ${MAX_TESTS_AN_HOUR} tests within the last hour`, 'Try again in an hour.', HOUR)
  const mails = {
    action: { in: [channelTested, channelAdded, channelChanged] },
    detail: { path: ['kind'], equals: 'email' },
  }
  if (kind === 'email' && (await since(DAY, mails)) >= MAX_MAILS_A_DAY)
    throw tooMany(`You've added or tested email addresses ${MAX_MAILS_A_DAY} times today`, 'Try again tomorrow.', DAY)
  await recordAudit(userId, action, channelId, { kind }, tx)
}

function tooMany(message: string, remedy: string, ms: number): Refused {
  return new Refused(429, 'too-many-tests', message, remedy, undefined, ms / SECOND)
}
