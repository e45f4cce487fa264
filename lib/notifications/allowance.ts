import { audit } from '#lib/audit.ts'
import type { ChannelKind } from '#lib/channels/kinds.ts'
import { DAY, HOUR, now } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import type { Prisma } from '#lib/db.ts'

/**
 * What a listener may make this installation send to addresses that may be somebody else's. Counted by the audit, which
 * outlives a channel: who removes it and adds it again does not begin anew.
 */

const TESTED = 'tested a notification channel'
const ADDED = 'added a notification channel'
const CHANGED = 'changed a notification channel'

const MOST_TESTS_AN_HOUR = 20
/** New addresses and tests together: the operator's mail server answers for them. */
const MOST_MAILS_A_DAY = 20

interface Deed {
  action: typeof TESTED | typeof ADDED | typeof CHANGED
  channelId: string
  kind: ChannelKind
}

/** Two at once must not both be the last one: they take turns on the listener's row until the transaction ends. */
export async function takeTurn(tx: Prisma.TransactionClient, userId: string): Promise<void> {
  await tx.$queryRaw`select 1 from "User" where id = ${userId} for update`
}

/**
 * Notes that something is sent, or can be, to an address. The caller has its turn.
 * @throws Refused 429 after too many
 */
export async function spendAllowance(tx: Prisma.TransactionClient, userId: string, deed: Deed): Promise<void> {
  const { action, channelId, kind } = deed
  const since = (ms: number, where: Prisma.AuditEventWhereInput) =>
    tx.auditEvent.count({ where: { actor: userId, at: { gt: new Date(now().getTime() - ms) }, ...where } })
  if (action === TESTED && (await since(HOUR, { action })) >= MOST_TESTS_AN_HOUR)
    throw tooMany(`There were ${MOST_TESTS_AN_HOUR} tests within the last hour`, 'Try again in an hour.')
  const mails = { action: { in: [TESTED, ADDED, CHANGED] }, detail: { path: ['kind'], equals: 'email' } }
  if (kind === 'email' && (await since(DAY, mails)) >= MOST_MAILS_A_DAY)
    throw tooMany(`There were ${MOST_MAILS_A_DAY} new addresses and tests of e-mail today`, 'Try again tomorrow.')
  await audit(userId, action, channelId, { kind }, tx)
}

function tooMany(message: string, remedy: string): Refused {
  return new Refused(429, 'too-many-tests', message, remedy)
}
