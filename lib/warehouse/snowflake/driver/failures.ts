import { type Clock, DAY, MINUTE } from '#lib/core/clock.ts'
import { Failure, messageOf, Stop, Transient, Wait } from '#lib/core/errors.ts'
import type { CheckName } from '#lib/warehouse/snowflake/connection.ts'
import { NoResponse } from './driver.ts'
import { RULES, type Rule } from './failure-rules.ts'

/** An error of the driver without its attachments: requests with tokens, responses with rows. */
interface DriverError {
  /** The code of the server ("390100") or the driver ("401001"); empty if there is none. */
  code: string
  /** The code of the network ("ENOTFOUND") or HTTP ("403") behind it. */
  causeCode: string
  message: string
}

/** Turns an error of the driver into a failure with a remedy. Failures pass unchanged. */
export function toFailure(error: unknown, now: Clock, during: 'sign-in' | 'statement' = 'statement'): Failure {
  if (error instanceof Failure) return error
  if (error instanceof NoResponse) return noResponse(error, now, during)
  const driverError = parseError(error)
  const rule = RULES.find((candidate) => fits(candidate, driverError, during))
  if (!rule) return unknownFailure(driverError, during)
  return build(rule, driverError, now)
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

/** Whether the session is unusable after this failure, so that the next statement needs a new one. */
export function endsSession(failure: Failure): boolean {
  return failure.context.session === 'gone'
}

function fits(rule: Rule, { code, causeCode, message }: DriverError, during: string): boolean {
  if (rule.during && rule.during !== during) return false
  if (rule.codes?.includes(code) || rule.codes?.includes(causeCode)) return true
  return rule.pattern?.test(message) === true
}

function build(rule: Rule, { code, causeCode, message }: DriverError, now: Clock): Failure {
  const { recovery = 'needs you', check, remedy } = rule
  const original = oneLine(message)
  const details = {
    remedy,
    context: {
      ...(check && { check }),
      ...((code || causeCode) && { code: code || causeCode }),
      ...(recovery === 'needs you' && { kind: recovery }),
      ...(rule.endsSession && { session: 'gone' }),
    },
    cause: new Error(original),
  }
  const text = rule.addsMessage ? `${rule.message}: ${original}` : rule.message
  if (recovery === 'retry') return new Transient(text, details)
  if (recovery === 'needs you' || recovery === 'stop') return new Stop(text, details)
  return new Wait(text, waitUntil(recovery.minutes, now), details)
}

/** A quota resets each month, but an admin may raise it earlier, so try daily. */
function waitUntil(minutes: number | 'a day', now: Clock): Date {
  if (minutes !== 'a day') return new Date(now().getTime() + minutes * MINUTE)
  const present = now()
  const month = Date.UTC(present.getUTCFullYear(), present.getUTCMonth() + 1, 1, 0, 5)
  return new Date(Math.min(present.getTime() + DAY, month))
}

function noResponse(error: NoResponse, now: Clock, during: 'sign-in' | 'statement'): Failure {
  if (during === 'sign-in')
    return new Wait('Snowflake did not respond to the sign-in', new Date(now().getTime() + 5 * MINUTE), {
      remedy: 'Check that this server can reach Snowflake: firewall, proxy and account identifier.',
      context: { check: 'address', code: 'no response' },
      cause: error,
    })
  return new Transient('Snowflake did not respond in time', {
    remedy: 'Nothing to do: Tracklake tries a load again. For a chart or query, choose a shorter period.',
    context: { code: 'no response' },
    cause: error,
  })
}

/** A sign-in refused for an unknown reason is not retried either, because five failures lock the user. */
function unknownFailure(driverError: DriverError, during: 'sign-in' | 'statement'): Failure {
  const code = driverError.code || driverError.causeCode
  return new Stop(`Snowflake reported an unknown error${code && ` (${code})`}`, {
    remedy: 'Read the cause in the log and try again. If the error persists, report it.',
    context: { ...(code && { code }), ...(during === 'sign-in' && { kind: 'needs you', check: 'sign-in' }) },
    cause: new Error(oneLine(driverError.message)),
  })
}

function parseError(error: unknown): DriverError {
  const details = (error ?? {}) as {
    code?: unknown
    cause?: { code?: unknown }
    response?: { status?: unknown; statusCode?: unknown }
    data?: { errorCode?: unknown }
  }
  const status = details.response?.status ?? details.response?.statusCode
  return {
    code: String(details.code ?? details.data?.errorCode ?? ''),
    causeCode: String(details.cause?.code ?? status ?? ''),
    message: messageOf(error),
  }
}

const MAX_LENGTH = 300

function oneLine(message: string): string {
  const line = message.replaceAll(/\s+/g, ' ').trim()
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line
}
