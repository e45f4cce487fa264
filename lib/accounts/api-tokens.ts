import { createHash, randomBytes } from 'node:crypto'
import { ulid } from 'ulid'
import type { TokenScope } from '#lib/api/lists.ts'
import type { ApiToken, ApiTokensResponse, NewApiToken, TokenForm } from '#lib/api/tokens.ts'
import { audit } from '#lib/audit.ts'
import { DAY, MINUTE, now, utcDay } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { type ApiToken as ApiTokenRow, db, type User } from '#lib/db.ts'

/** Tokens that scripts sign in with. A token is shown once; only its hash is kept. */

/** Makes a token easy to recognise, for people and for scanners of public code. */
const PREFIX = 'tracklake_'
const SECRET_BYTES = 32
const MOST_TOKENS = 20
/** Ended and revoked ones are forgotten after this. */
const KEPT_MS = 90 * DAY
/** When a token was last used is noted at most so often: asking must not cost a write each time. */
const USE_NOTED_EVERY_MS = MINUTE

/** Whoever knows the hash learns nothing of the token, and nobody guesses 256 bits: a plain hash is enough. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

function answerOf({ id, name, scopes, createdAt, endsAt, lastUsedAt }: ApiTokenRow): ApiToken {
  return {
    id,
    name,
    scopes: scopes as TokenScope[],
    createdAt: createdAt.toISOString(),
    endsAt: endsAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    ended: endsAt <= now(),
  }
}

/** The listener's tokens, newest first; revoked ones are gone. */
export async function listTokens({ id: userId }: { id: string }): Promise<ApiTokensResponse> {
  const tokens = await db().apiToken.findMany({
    where: { userId, revokedAt: null, endsAt: { gt: new Date(now().getTime() - KEPT_MS) } },
    orderBy: { id: 'desc' },
    take: 5 * MOST_TOKENS,
  })
  return { tokens: tokens.map(answerOf), most: MOST_TOKENS }
}

/** Makes a token. @throws Refused 409 when the listener has as many as one may have */
export async function makeToken({ id: userId }: { id: string }, order: TokenForm): Promise<NewApiToken> {
  const made = now()
  const token = `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64url')}`
  const row = await db().$transaction(async (tx) => {
    // Two at once must not both be the last one: they take turns on the listener's row.
    await tx.$queryRaw`select 1 from "User" where id = ${userId} for update`
    const over = new Date(made.getTime() - KEPT_MS)
    await tx.apiToken.deleteMany({ where: { userId, OR: [{ endsAt: { lt: over } }, { revokedAt: { lt: over } }] } })
    const live = await tx.apiToken.count({ where: { userId, revokedAt: null, endsAt: { gt: made } } })
    if (live >= MOST_TOKENS) {
      throw new Refused(
        409,
        'too-many-tokens',
        `You have ${MOST_TOKENS} tokens already`,
        'Revoke one that nothing uses any more.',
      )
    }
    return tx.apiToken.create({
      data: {
        id: ulid(),
        userId,
        name: order.name,
        tokenHash: hashOf(token),
        scopes: [...new Set(order.scopes)],
        createdAt: made,
        endsAt: new Date(made.getTime() + order.days * DAY),
      },
    })
  })
  await audit(userId, 'made an API token', row.id, { scopes: row.scopes })
  return { token, made: answerOf(row) }
}

/** Ends a token at once. @throws Refused 404 */
export async function revokeToken(listener: { id: string }, id: string): Promise<ApiTokensResponse> {
  const { count } = await db().apiToken.updateMany({
    where: { id, userId: listener.id, revokedAt: null },
    data: { revokedAt: now() },
  })
  if (count === 0)
    throw new Refused(404, 'unknown-token', 'There is no such token', 'Open Settings and pick one of the list.')
  await audit(listener.id, 'revoked an API token', id)
  return listTokens(listener)
}

/** The token of an Authorization header; null when there is none of ours, for example behind a proxy that sends its own. */
export function tokenIn(authorization: string | null): string | null {
  const [, token] = /^bearer\s+(\S+)\s*$/i.exec(authorization ?? '') ?? []
  return token?.startsWith(PREFIX) ? token : null
}

/**
 * Whose token it is.
 * @param wanted the scope that the address asks for; undefined where no token is taken
 * @throws Refused 401 for a token that is not or no longer valid, 403 for one that may not do this
 */
export async function tokenHolder(token: string, wanted?: TokenScope): Promise<User> {
  const known = await db().apiToken.findUnique({ where: { tokenHash: hashOf(token) }, include: { user: true } })
  const at = now()
  if (!known || known.revokedAt || known.user.suspendedAt || known.user.erasingAt)
    throw new Refused(401, 'unknown-token', 'This token is not valid', 'Make a new one on Settings.')
  if (known.endsAt <= at)
    throw new Refused(401, 'token-ended', `This token ended on ${utcDay(known.endsAt)}`, 'Make a new one on Settings.')
  if (!wanted) {
    throw new Refused(
      403,
      'no-tokens-here',
      'This address takes no tokens',
      'Tokens read charts, read runs and start runs. Sign in with a browser for everything else.',
    )
  }
  if (!known.scopes.includes(wanted)) {
    throw new Refused(403, 'scope-missing', `This token may not ${wanted}`, `Make one with "${wanted}" on Settings.`)
  }
  if (!known.lastUsedAt || at.getTime() - known.lastUsedAt.getTime() > USE_NOTED_EVERY_MS)
    await db().apiToken.updateMany({ where: { id: known.id }, data: { lastUsedAt: at } })
  return known.user
}
