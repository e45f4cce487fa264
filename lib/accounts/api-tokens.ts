import { createHash, randomBytes } from 'node:crypto'
import { ulid } from 'ulid'
import { TOKEN_SCOPES, type TokenScope } from '#lib/api/lists.ts'
import type { ApiToken, ApiTokensResponse, NewApiToken, TokenForm } from '#lib/api/tokens.ts'
import { recordAudit } from '#lib/audit.ts'
import { DAY, MINUTE, now, toIso, utcDay } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { type ApiToken as ApiTokenRow, db, type User } from '#lib/db.ts'

/** API tokens for scripts. A token is shown once; only its hash is stored. */

/** Lets people and secret scanners recognize a token. */
const PREFIX = 'tracklake_'
const SECRET_BYTES = 32
const MAX_TOKENS = 20
/** Expired and revoked tokens are deleted after this. */
const RETENTION_MS = 90 * DAY
/** `lastUsedAt` is updated at most this often, so that a request does not cost a write each time. */
const LAST_USED_RESOLUTION_MS = MINUTE

/** A plain hash is enough for 256 random bits. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

function tokenResponse({ id, name, scopes, createdAt, endsAt, lastUsedAt }: ApiTokenRow): ApiToken {
  return {
    id,
    name,
    scopes: scopes as TokenScope[],
    createdAt: createdAt.toISOString(),
    endsAt: endsAt.toISOString(),
    lastUsedAt: toIso(lastUsedAt),
    ended: endsAt <= now(),
  }
}

/** The listener's tokens, newest first, without revoked ones. */
export async function listTokens({ id: userId }: { id: string }): Promise<ApiTokensResponse> {
  const tokens = await db().apiToken.findMany({
    where: { userId, revokedAt: null, endsAt: { gt: new Date(now().getTime() - RETENTION_MS) } },
    orderBy: { id: 'desc' },
    take: 5 * MAX_TOKENS,
  })
  return { tokens: tokens.map(tokenResponse), most: MAX_TOKENS }
}

/** Creates a token. @throws Refused 409 when the listener has reached the limit */
export async function createToken({ id: userId }: { id: string }, order: TokenForm): Promise<NewApiToken> {
  const made = now()
  const token = `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64url')}`
  const row = await db().$transaction(async (tx) => {
    // Locked, so that concurrent requests can't both create the last allowed token.
    await tx.$queryRaw`select 1 from "User" where id = ${userId} for update`
    const over = new Date(made.getTime() - RETENTION_MS)
    await tx.apiToken.deleteMany({ where: { userId, OR: [{ endsAt: { lt: over } }, { revokedAt: { lt: over } }] } })
    const live = await tx.apiToken.count({ where: { userId, revokedAt: null, endsAt: { gt: made } } })
    if (live >= MAX_TOKENS) {
      throw new Refused(
        409,
        'too-many-tokens',
        `You already have ${MAX_TOKENS} tokens`,
        'Revoke one you no longer use.',
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
  await recordAudit(userId, 'created an API token', row.id, { scopes: row.scopes })
  return { token, made: tokenResponse(row) }
}

/** Revokes a token at once. @throws Refused 404 */
export async function revokeToken(listener: { id: string }, id: string): Promise<ApiTokensResponse> {
  const { count } = await db().apiToken.updateMany({
    where: { id, userId: listener.id, revokedAt: null },
    data: { revokedAt: now() },
  })
  if (count === 0)
    throw new Refused(404, 'unknown-token', 'This token does not exist', 'Open Settings and choose one from the list.')
  await recordAudit(listener.id, 'revoked an API token', id)
  return listTokens(listener)
}

/** Our token from an Authorization header; null if it contains none, for example if a proxy sends its own. */
export function tokenFromHeader(authorization: string | null): string | null {
  const [, token] = /^bearer\s+(\S+)\s*$/i.exec(authorization ?? '') ?? []
  return token?.startsWith(PREFIX) ? token : null
}

/**
 * The listener a token belongs to.
 * @param scope the scope that the endpoint needs; undefined where tokens are not accepted
 * @throws Refused 401 for an invalid or expired token, 403 for one without the scope
 */
export async function tokenHolder(token: string, scope?: TokenScope): Promise<User> {
  const known = await db().apiToken.findUnique({ where: { tokenHash: hashOf(token) }, include: { user: true } })
  const at = now()
  if (!known || known.revokedAt || known.user.suspendedAt || known.user.erasingAt)
    throw new Refused(401, 'unknown-token', 'This token is not valid', 'Create a new one in Settings.')
  if (known.endsAt <= at)
    throw new Refused(
      401,
      'token-ended',
      `This token expired on ${utcDay(known.endsAt)}`,
      'Create a new one in Settings.',
    )
  if (!scope) {
    throw new Refused(
      403,
      'no-tokens-here',
      'This endpoint does not accept tokens',
      `Tokens can ${TOKEN_SCOPES.slice(0, -1).join(', ')} and ${TOKEN_SCOPES.at(-1)}. Sign in with a browser for everything else.`,
    )
  }
  if (!known.scopes.includes(scope)) {
    throw new Refused(
      403,
      'scope-missing',
      `This token is not allowed to ${scope}`,
      `Create one with "${scope}" in Settings.`,
    )
  }
  if (!known.lastUsedAt || at.getTime() - known.lastUsedAt.getTime() > LAST_USED_RESOLUTION_MS)
    await db().apiToken.updateMany({ where: { id: known.id }, data: { lastUsedAt: at } })
  return known.user
}
