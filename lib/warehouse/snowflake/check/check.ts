import { randomBytes } from 'node:crypto'
import { now as present, SECOND } from '#lib/core/clock.ts'
import { type Failure, Transient } from '#lib/core/errors.ts'
import {
  CHECKS,
  type CheckName,
  type ConnectionCheck,
  type SnowflakeOptions,
} from '#lib/warehouse/snowflake/connection.ts'
import { checkOf, toFailure } from '#lib/warehouse/snowflake/driver/failures.ts'
import { openSession, type Session } from '#lib/warehouse/snowflake/driver/session.ts'
import { checkAddress, checkObject, checkSignIn, checkWarehouse } from './access.ts'
import { checkCostGuards, checkOtherSchemas, checkReader } from './advice.ts'
import type { CheckContext, Finding } from './finding.ts'
import { checkSchema, cleanUp, createProbe, writeAndRead } from './writing.ts'

// With a canceled statement and the sign-out, the whole check takes at most 18 s.
const TOTAL_MS = 12.5 * SECOND
const SIGN_IN_MS = 12 * SECOND

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

/**
 * Checks a connection step by step: one sign-in, no retries, and a table that is created and dropped. It starts the
 * virtual warehouse once, never throws for what it finds and returns within 18 s.
 * @param onCheck called after each check
 */
export async function checkConnection(
  options: SnowflakeOptions,
  onCheck: (check: ConnectionCheck) => void = () => undefined,
): Promise<ConnectionCheck[]> {
  const until = performance.now() + TOTAL_MS
  const left = () => Math.max(1, until - performance.now())
  const inner = openSession(options, { signInMs: SIGN_IN_MS, statementMs: TOTAL_MS, retries: 0 })
  const session: Session = {
    ...inner,
    run: (statement, more = {}) => inner.run(statement, { ...more, deadlineMs: left() }),
  }
  const probe = `tracklake_check_${randomBytes(4).toString('hex')}`
  const context: CheckContext = { session, options, probe, probeMade: false, context: {} }
  const results: ConnectionCheck[] = []
  const report = (check: ConnectionCheck) => {
    results.push(check)
    onCheck(check)
  }
  try {
    await runChecks(context, report, left)
  } finally {
    await inner.close()
  }
  return results
}

async function runChecks(context: CheckContext, report: (check: ConnectionCheck) => void, left: () => number) {
  let stopped = false
  for (const name of CHECKS) {
    if (stopped && !(name === 'clean up' && context.probeMade)) {
      report({ name, state: 'not reached', message: 'An earlier check failed.', remedy: null, ms: 0 })
      continue
    }
    const start = performance.now()
    const finding = await attempt(context, name, left)
    report({ name, ...finding, ms: Math.round(performance.now() - start) })
    stopped ||= finding.state === 'failed'
  }
}

async function attempt(context: CheckContext, name: CheckName, left: () => number): Promise<Finding> {
  if (left() <= 1) return failed(late())
  try {
    return await CHECK_FUNCTIONS[name](context)
  } catch (error) {
    const failure = toFailure(error, context.options.now ?? present)
    // A sign-in proves several things: if it fails because of the role, address and user are right.
    if (isLater(checkOf(failure), name)) return { state: 'ok', message: PASSED[name] ?? 'Passed.', remedy: null }
    return failed(failure.context.code === 'no response' && name !== 'address' ? late(failure) : failure)
  }
}

const PASSED: Partial<Record<CheckName, string>> = { address: 'Snowflake responds.', 'sign-in': 'Signed in.' }

function isLater(one: CheckName | undefined, other: CheckName): boolean {
  return (
    one !== undefined && (other === 'address' || other === 'sign-in') && CHECKS.indexOf(one) > CHECKS.indexOf(other)
  )
}

function failed({ message, remedy }: Failure): Finding {
  return { state: 'failed', message, remedy }
}

function late(cause?: unknown): Failure {
  return new Transient('Snowflake did not respond in time', {
    remedy: 'Try again. If it happens again, check whether the warehouse is busy or the network is slow.',
    cause,
  })
}
