import { z } from 'zod'
import type { ErrorResponse } from '#lib/api/shapes.ts'
import { appUrl } from '#lib/core/config.ts'
import { Failure, messageOf, Refused } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'

const MAX_BODY_BYTES = 64 * 1024
const NO_STORE = { 'cache-control': 'no-store' }

/**
 * Answers JSON with what `work` gives; failures become {error: {code, message, remedy}} and leak no text of their own.
 * @param status of a good answer, or what tells it from the answer
 */
export async function answer<Given>(
  work: () => Promise<Given>,
  status: number | ((given: Given) => number) = 200,
): Promise<Response> {
  try {
    const given = await work()
    const fitting = typeof status === 'number' ? status : status(given)
    return Response.json(given, { status: fitting, headers: NO_STORE })
  } catch (thrown) {
    return refusal(thrown)
  }
}

function refusal(thrown: unknown): Response {
  const say = (status: number, error: ErrorResponse['error']) => Response.json({ error }, { status, headers: NO_STORE })
  if (thrown instanceof Refused) {
    const { status, code, message, remedy, fields } = thrown
    return say(status, { code, message, remedy, ...(fields ? { fields } : {}) })
  }
  log.error('a request could not be answered', {
    problem: messageOf(thrown),
    cause: messageOf(thrown instanceof Error ? thrown.cause : ''),
  })
  if (thrown instanceof Failure) {
    const { message, remedy, recovery } = thrown
    return say(recovery === 'stop' ? 500 : 503, { code: `cannot-${recovery}`, message, remedy })
  }
  return say(500, {
    code: 'unexpected',
    message: 'Something unexpected happened',
    remedy: 'Try again; the log of the web process has the details.',
  })
}

/**
 * Lets only our own pages change anything: a foreign site may send the cookie along but cannot hide where it comes from.
 * @throws Refused 403
 */
export function requireOwnOrigin(request: Request): void {
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  const foreign =
    (origin !== null && origin !== new URL(appUrl()).origin) ||
    (site !== null && site !== 'same-origin' && site !== 'none')
  if (foreign)
    throw new Refused(
      403,
      'foreign-origin',
      'This request comes from another site',
      `Open ${appUrl()} and do it there.`,
    )
}

/**
 * The JSON body of a change, checked. An empty body counts as {}.
 * @throws Refused 400, 403, 413
 */
export async function bodyOf<Shape extends z.ZodType>(request: Request, shape: Shape): Promise<z.output<Shape>> {
  requireOwnOrigin(request)
  const text = await boundedText(request)
  return checked(shape, text === '' ? {} : parse(text))
}

/** The query string's parameters, checked. @throws Refused 400 */
export function queryOf<Shape extends z.ZodType>(request: Request, shape: Shape): z.output<Shape> {
  return checked(shape, Object.fromEntries(new URL(request.url).searchParams))
}

function checked<Shape extends z.ZodType>(shape: Shape, value: unknown): z.output<Shape> {
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Refused(
    400,
    'bad-request',
    `"${issue?.path.join('.') || 'The request'}" is not as expected: ${issue?.message}`,
    'Correct it and send it again.',
    Object.fromEntries(parsed.error.issues.map(({ path, message }) => [path.join('.'), message])),
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refused(400, 'bad-json', 'The request is not JSON', 'Send a JSON object.')
  }
}

async function boundedText(request: Request): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES) throw new Refused(413, 'too-large', 'The request is too large', 'Send at most 64 kB.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** `cursor` and `limit` of every list: at most 100 entries an answer. */
export const PageQuery = z.object({
  cursor: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
})

/** Which streams a run is for: all of them without names; `whole` backfills the one that is named. */
export const RunChoice = z.object({
  streams: z.array(z.string().max(100)).min(1).max(50).optional(),
  whole: z.boolean().optional(),
})
