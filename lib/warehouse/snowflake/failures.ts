import { type Clock, DAY, MINUTE } from '#lib/core/clock.ts'
import { Failure, messageOf, Stop, Transient, Wait } from '#lib/core/errors.ts'
import type { CheckName } from './connection.ts'
import { NoAnswer } from './driver.ts'
import { RULES, type Rule } from './failure-rules.ts'

/** What the driver throws, without what it carries along: requests with tokens, answers with rows. */
interface Told {
  /** Of the server ("390100") or of the driver ("401001"); empty when there is none. */
  code: string
  /** Of the network ("ENOTFOUND") or of HTTP ("403"). */
  below: string
  message: string
}

/** Turns what the driver throws into a failure that says what to do; failures pass unchanged. */
export function toFailure(thrown: unknown, now: Clock, attempted: 'sign-in' | 'statement' = 'statement'): Failure {
  if (thrown instanceof Failure) return thrown
  if (thrown instanceof NoAnswer) return unanswered(thrown, now, attempted)
  const told = tell(thrown)
  const rule = RULES.find((candidate) => fits(candidate, told, attempted))
  if (!rule) return unknown(told, attempted)
  return build(rule, told, now)
}

/** The check of a connection to which a failure belongs. */
export function checkOf(failure: Failure): CheckName | undefined {
  const { check } = failure.context
  return typeof check === 'string' ? (check as CheckName) : undefined
}

/** The code of the server or the driver behind a failure. */
export function codeOf(failure: unknown): string | undefined {
  return failure instanceof Failure && typeof failure.context.code === 'string' ? failure.context.code : undefined
}

/** After one of these the session is of no use; the next statement needs a new one. */
export function endsSession(failure: Failure): boolean {
  return failure.context.session === 'gone'
}

function fits({ codes, says, attempted }: Rule, { code, below, message }: Told, during: string): boolean {
  if (attempted && attempted !== during) return false
  if (codes && (codes.includes(code) || codes.includes(below))) return true
  return says?.test(message) === true
}

function build(rule: Rule, { code, below, message }: Told, now: Clock): Failure {
  const { recovery, check, remedy } = rule
  const said = oneLine(message)
  const details = {
    remedy,
    context: {
      ...(check && { check }),
      ...((code || below) && { code: code || below }),
      ...(recovery === 'needs you' && { kind: recovery }),
      ...(rule.session && { session: 'gone' }),
    },
    cause: new Error(said),
  }
  const text = rule.quotes ? `${rule.message}: ${said}` : rule.message
  if (recovery === 'retry') return new Transient(text, details)
  if (recovery === 'needs you' || recovery === 'stop') return new Stop(text, details)
  return new Wait(text, waitUntil(recovery.minutes, now), details)
}

/** A quota begins anew with the month; an admin may raise it before, so it is tried daily. */
function waitUntil(minutes: number | 'a day', now: Clock): Date {
  if (minutes !== 'a day') return new Date(now().getTime() + minutes * MINUTE)
  const present = now()
  const month = Date.UTC(present.getUTCFullYear(), present.getUTCMonth() + 1, 1, 0, 5)
  return new Date(Math.min(present.getTime() + DAY, month))
}

function unanswered(thrown: NoAnswer, now: Clock, attempted: 'sign-in' | 'statement'): Failure {
  if (attempted === 'sign-in')
    return new Wait('Snowflake did not answer the sign-in', new Date(now().getTime() + 5 * MINUTE), {
      remedy: 'Check that this server may reach Snowflake: firewall, proxy, and the account identifier.',
      context: { check: 'address', code: 'no answer' },
      cause: thrown,
    })
  return new Transient('Snowflake did not answer in time', {
    remedy: 'Nothing to do for a load: it is tried again. For a question: ask for a shorter period.',
    context: { code: 'no answer' },
    cause: thrown,
  })
}

/** A sign-in that is refused in words nobody knows is not tried again either: five of them lock the user. */
function unknown(told: Told, attempted: 'sign-in' | 'statement'): Failure {
  const code = told.code || told.below
  return new Stop(`Snowflake refused in an unknown way${code && ` (${code})`}`, {
    remedy: 'Read the cause in the log and re-run; tell the maintainers if it stays.',
    context: { ...(code && { code }), ...(attempted === 'sign-in' && { kind: 'needs you', check: 'sign-in' }) },
    cause: new Error(oneLine(told.message)),
  })
}

function tell(thrown: unknown): Told {
  const error = (thrown ?? {}) as { code?: unknown; cause?: { code?: unknown }; response?: Response; data?: Data }
  const status = error.response?.status ?? error.response?.statusCode
  return {
    code: String(error.code ?? error.data?.errorCode ?? ''),
    below: String(error.cause?.code ?? status ?? ''),
    message: messageOf(thrown),
  }
}

interface Response {
  status?: unknown
  statusCode?: unknown
}

interface Data {
  errorCode?: unknown
}

const LONGEST = 300

function oneLine(message: string): string {
  const line = message.replaceAll(/\s+/g, ' ').trim()
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
}
