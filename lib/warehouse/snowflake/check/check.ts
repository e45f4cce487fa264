import { randomBytes } from 'node:crypto'
import { now as present } from '#lib/core/clock.ts'
import { type Failure, Transient } from '#lib/core/errors.ts'
import {
  CHECKS,
  type CheckName,
  type ConnectionCheck,
  type SnowflakeOptions,
} from '#lib/warehouse/snowflake/connection.ts'
import { checkOf, toFailure } from '#lib/warehouse/snowflake/driver/failures.ts'
import { openSession, type Session } from '#lib/warehouse/snowflake/driver/session.ts'
import { CHECK_LIMITS, type CheckLimits } from '#lib/warehouse/snowflake/setup/limits.ts'
import { checkAddress, checkObject, checkSignIn, checkWarehouse } from './access.ts'
import { checkCostGuards, checkOtherSchemas, checkReader } from './advice.ts'
import type { CheckContext, Finding } from './finding.ts'
import { checkSchema, cleanUp, createProbe, writeAndRead } from './writing.ts'

type CheckFunction = (context: CheckContext) => Promise<Finding>

/** A failed check skips all later ones; advice does not. */
const CHECK_FUNCTIONS: Record<CheckName, CheckFunction> = {
  address: checkAddress,
  'sign-in': checkSignIn,
  role: checkObject('role'),
  warehouse: checkWarehouse,
  database: checkObject('database'),
  schema: checkSchema,
  'create table': createProbe,
  'write and read back': writeAndRead,
  'clean up': cleanUp,
  'other schemas': checkOtherSchemas,
  'cost guards': checkCostGuards,
  'reader role': checkReader,
}

/** Checks that depend on another one. */
const NEEDS: Partial<Record<CheckName, CheckName>> = { 'write and read back': 'create table' }

/**
 * Checks a connection step by step: one sign-in, no retries, and a table that is created and dropped. It starts the
 * virtual warehouse once, never throws for what it finds and returns within `CHECK_SECONDS`.
 * @param onCheck called after each check
 */
export async function checkConnection(
  options: SnowflakeOptions,
  onCheck: (check: ConnectionCheck) => void = () => undefined,
  limits: CheckLimits = CHECK_LIMITS,
): Promise<ConnectionCheck[]> {
  const clock = new CheckClock(limits)
  const { signInMs, totalMs } = limits
  const inner = openSession(options, { signInMs, statementMs: totalMs, retries: 0 })
  const session: Session = {
    ...inner,
    run: (statement, more = {}) => inner.run(statement, { ...more, deadlineMs: clock.left() }),
  }
  const probe = `tracklake_check_${randomBytes(4).toString('hex')}`
  const context: CheckContext = { session, options, probe, probeMade: false, context: {} }
  const results: ConnectionCheck[] = []
  const report = (check: ConnectionCheck) => {
    results.push(check)
    onCheck(check)
  }
  try {
    await runChecks(context, clock, results, report)
  } finally {
    await inner.close()
  }
  return results
}

/** The deadlines of all checks and of the current one. */
class CheckClock {
  readonly #limits: CheckLimits
  readonly #until: number
  #currentUntil = 0

  constructor(limits: CheckLimits) {
    this.#limits = limits
    this.#until = performance.now() + limits.totalMs
  }

  start(name: CheckName): void {
    const { eachMs, signInMs, cleanUpMs } = this.#limits
    const now = performance.now()
    if (name === 'clean up') this.#currentUntil = Math.max(this.#until, now + cleanUpMs)
    else this.#currentUntil = Math.min(this.#until, now + (name === 'address' ? Math.max(eachMs, signInMs) : eachMs))
  }

  left(): number {
    return Math.max(1, this.#currentUntil - performance.now())
  }
}

async function runChecks(
  context: CheckContext,
  clock: CheckClock,
  done: readonly ConnectionCheck[],
  report: (check: ConnectionCheck) => void,
) {
  const stateOf = (name: CheckName | undefined) => done.find((check) => check.name === name)?.state
  let stopped = false
  for (const name of CHECKS) {
    const isOpen = stateOf(NEEDS[name]) === 'unconfirmed'
    if (isOpen || (stopped && !(name === 'clean up' && context.probeMade))) {
      const message = isOpen ? 'An earlier check did not finish.' : 'An earlier check failed.'
      report({ name, state: 'not reached', message, remedy: null, ms: 0 })
      continue
    }
    const start = performance.now()
    clock.start(name)
    const finding = await attempt(context, clock, name, stateOf('sign-in') === 'ok')
    report({ name, ...finding, ms: Math.round(performance.now() - start) })
    stopped ||= finding.state === 'failed'
  }
}

async function attempt(
  context: CheckContext,
  clock: CheckClock,
  name: CheckName,
  isSignedIn: boolean,
): Promise<Finding> {
  if (clock.left() <= 1) return unsuccessful(late(), isSignedIn)
  try {
    return await CHECK_FUNCTIONS[name](context)
  } catch (error) {
    const failure = toFailure(error, context.options.now ?? present)
    // A sign-in proves several things: if it fails because of the role, address and user are right.
    if (isLater(checkOf(failure), name)) return { state: 'ok', message: PASSED[name] ?? 'Passed.', remedy: null }
    return unsuccessful(
      failure.context.code === 'no response' && name !== 'address' ? late(failure) : failure,
      isSignedIn,
    )
  }
}

const PASSED: Partial<Record<CheckName, string>> = { address: 'Snowflake responds.', 'sign-in': 'Signed in.' }

function isLater(one: CheckName | undefined, other: CheckName): boolean {
  return (
    one !== undefined && (other === 'address' || other === 'sign-in') && CHECKS.indexOf(one) > CHECKS.indexOf(other)
  )
}

/** After a sign-in, a temporary problem doesn't prove that the connection is wrong. */
function unsuccessful({ message, remedy, recovery }: Failure, isSignedIn: boolean): Finding {
  return { state: isSignedIn && recovery !== 'stop' ? 'unconfirmed' : 'failed', message, remedy }
}

function late(cause?: unknown): Failure {
  return new Transient('Snowflake did not respond in time', {
    remedy: 'The warehouse may be busy or still starting. Try again, or save anyway; Tracklake keeps trying.',
    cause,
  })
}
