import { randomBytes } from 'node:crypto'
import { now as present, SECOND } from '#lib/core/clock.ts'
import { type Failure, Transient } from '#lib/core/errors.ts'
import { checkAddress, checkWarehouse, looksAt, signsIn } from './check-access.ts'
import { checkCostGuards, checkOtherSchemas, checkReader } from './check-advice.ts'
import { checkSchema, cleanUp, createProbe, writeAndRead } from './check-writing.ts'
import type { Checking, Finding } from './checking.ts'
import { CHECKS, type CheckName, type ConnectionCheck, type SnowflakeOptions } from './connection.ts'
import { checkOf, toFailure } from './failures.ts'
import { openSession, type Session } from './session.ts'

// With a cancelled statement and the sign-out it makes 18 s.
const WHOLE_MS = 12.5 * SECOND
const SIGN_IN_MS = 12 * SECOND

type Check = (checking: Checking) => Promise<Finding>

/** What the further checks rest on; advice alone holds nothing up. */
const DEEDS: Record<CheckName, Check> = {
  address: checkAddress,
  'sign-in': signsIn,
  role: looksAt('role'),
  warehouse: checkWarehouse,
  database: looksAt('database'),
  schema: checkSchema,
  'create table': createProbe,
  'write and read back': writeAndRead,
  'clean up': cleanUp,
  'other schemas': checkOtherSchemas,
  'cost guards': checkCostGuards,
  'reader role': checkReader,
}

/**
 * Tries a connection step by step: one sign-in, no repetition, and a table that is made and dropped again. It wakes the
 * warehouse once. It never throws for what it finds, and answers within 18 s.
 * @param tell hears of each check as soon as it is done
 */
export async function checkConnection(
  options: SnowflakeOptions,
  tell: (check: ConnectionCheck) => void = () => undefined,
): Promise<ConnectionCheck[]> {
  const until = performance.now() + WHOLE_MS
  const left = () => Math.max(1, until - performance.now())
  const inner = openSession(options, { signInMs: SIGN_IN_MS, statementMs: WHOLE_MS, retries: 0 })
  const session: Session = {
    ...inner,
    run: (statement, more = {}) => inner.run(statement, { ...more, deadlineMs: left() }),
  }
  const probe = `tracklake_check_${randomBytes(4).toString('hex')}`
  const checking: Checking = { session, options, probe, probeMade: false, context: {} }
  const results: ConnectionCheck[] = []
  const report = (check: ConnectionCheck) => {
    results.push(check)
    tell(check)
  }
  try {
    await runChecks(checking, report, left)
  } finally {
    await inner.close()
  }
  return results
}

async function runChecks(checking: Checking, report: (check: ConnectionCheck) => void, left: () => number) {
  let stopped = false
  for (const name of CHECKS) {
    if (stopped && !(name === 'clean up' && checking.probeMade)) {
      report({ name, state: 'not reached', message: 'An earlier check failed.', remedy: null, ms: 0 })
      continue
    }
    const start = performance.now()
    const finding = await attempt(checking, name, left)
    report({ name, ...finding, ms: Math.round(performance.now() - start) })
    stopped ||= finding.state === 'failed'
  }
}

async function attempt(checking: Checking, name: CheckName, left: () => number): Promise<Finding> {
  if (left() <= 1) return failed(late())
  try {
    return await DEEDS[name](checking)
  } catch (thrown) {
    const failure = toFailure(thrown, checking.options.now ?? present)
    // A sign-in shows more than one thing: when it fails because of the role, address and user are right.
    if (isLater(checkOf(failure), name)) return { state: 'ok', message: PASSED[name] ?? 'Passed.', remedy: null }
    return failed(failure.context.code === 'no answer' && name !== 'address' ? late(failure) : failure)
  }
}

const PASSED: Partial<Record<CheckName, string>> = { address: 'Snowflake answers.', 'sign-in': 'Signed in.' }

function isLater(one: CheckName | undefined, other: CheckName): boolean {
  return (
    one !== undefined && (other === 'address' || other === 'sign-in') && CHECKS.indexOf(one) > CHECKS.indexOf(other)
  )
}

function failed({ message, remedy }: Failure): Finding {
  return { state: 'failed', message, remedy }
}

function late(cause?: unknown): Failure {
  return new Transient('Snowflake did not answer in time', {
    remedy: 'Try again. If it stays so, look whether the warehouse is busy and the way to Snowflake is slow.',
    cause,
  })
}
