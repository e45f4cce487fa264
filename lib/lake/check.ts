import { randomUUID } from 'node:crypto'
import type { LakeCheck } from '#lib/api/lake.ts'
import { Failure, Refused } from '#lib/core/errors.ts'
import type { Bucket, Condition } from '#lib/s3/bucket.ts'
import { type S3Problem, s3ProblemOf } from '#lib/s3/failures.ts'
import { keyOf, type LakeKeys, type LakePlace, openLakeBucket } from './bucket.ts'
import { tryGlue } from './glue.ts'

/** Tries everything that a publication does in a bucket, each by its name, with an object that is deleted again. */

type CheckName =
  | 'clock'
  | 'access key'
  | 'bucket and region'
  | 'write'
  | 'no overwriting'
  | 'read'
  | 'missing objects'
  | 'list'
  | 'versions'
  | 'delete'
  | 'Glue'

/** What the first request shows. */
const FIRST: [CheckName, string][] = [
  ['clock', 'The clocks agree'],
  ['access key', 'The access key is accepted'],
  ['bucket and region', 'The bucket is there'],
  ['write', 'Objects can be written'],
]

/** Which check a problem of the first request belongs to. */
const CHECK_OF: Partial<Record<S3Problem, CheckName>> = {
  clock: 'clock',
  keys: 'access key',
  expired: 'access key',
  'no bucket': 'bucket and region',
  region: 'bucket and region',
  unreachable: 'bucket and region',
  certificate: 'bucket and region',
}

const PROBE = Buffer.from('Tracklake checks that it may write here. It deletes this object again.\n')

export interface CheckedBucket {
  place: LakePlace
  keys: LakeKeys | null
  glueDatabase: string | null
}

type Outcome = Pick<LakeCheck, 'message'> & Partial<Pick<LakeCheck, 'state' | 'remedy'>>

const NOT_REACHED: Outcome = { state: 'not reached', message: '' }

/** A check that found what is wrong, with what to do. */
class Wrong extends Error {
  readonly remedy: string
  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

/** @param onCheck is called with each result as soon as it is known */
export async function checkBucket(
  { place, keys, glueDatabase }: CheckedBucket,
  onCheck: (check: LakeCheck) => void,
): Promise<LakeCheck[]> {
  const bucket = openLakeBucket(place, keys)
  const key = keyOf(place, `.tracklake-check-${randomUUID()}`)
  const run = new Run(onCheck)
  try {
    await run.first(() => bucket.put(key, PROBE, { ifMissing: true, type: 'text/plain' }))
    await run.check('no overwriting', () => neverOverwrites(bucket, key))
    await run.check('read', async () => {
      const { bytes } = await bucket.get(key, { maxBytes: 1024 })
      if (!bytes.equals(PROBE)) throw new Wrong('The object came back changed', 'Use another store.')
      return { message: 'Objects can be read' }
    })
    await run.check('missing objects', async () => {
      if (await bucket.stat(`${key}-missing`)) throw new Wrong('A missing object was found', 'Use another store.')
      return { message: 'A missing object is reported as missing' }
    })
    await run.check('list', async () => {
      for await (const page of bucket.list(key))
        if (page.some((object) => object.key === key)) return { message: 'Objects can be listed' }
      throw new Wrong(
        'The list lacks an object that was just written',
        'Use Amazon S3, or a store that lists what it has.',
      )
    })
    await run.check('versions', () => versionsOf(bucket))
    await run.check('delete', async () => {
      await bucket.deleteMany([key])
      if (await bucket.stat(key))
        throw new Wrong('A deleted object is still there', 'Check for an Object Lock on the bucket.')
      return { message: 'Objects can be deleted' }
    })
    if (glueDatabase !== null)
      await run.check('Glue', async () => {
        await tryGlue(place, keys, glueDatabase)
        return { message: 'Tables can be created, changed and deleted' }
      })
  } finally {
    // Also after a failed check, with its versions.
    await bucket.deleteMany([key]).catch(() => undefined)
    await bucket.removeAll(key).catch(() => undefined)
    bucket.close()
  }
  return run.checks
}

/** A store that ignores conditions would let two writers overwrite each other. */
async function neverOverwrites(bucket: Bucket, key: string): Promise<Outcome> {
  const attempts: Condition[] = [{ ifMissing: true }, { ifMatch: '"00000000000000000000000000000000"' }]
  // The client takes a repeated write of the same bytes for its own.
  const other = Buffer.concat([PROBE, PROBE])
  for (const condition of attempts) {
    const problem = await bucket.put(key, other, condition).then(
      () => null,
      (error: unknown) => error,
    )
    if (problem && s3ProblemOf(problem) !== 'changed') throw problem
    if (!problem)
      throw new Wrong(
        'The store ignores conditional writes, so something could be overwritten',
        'Use Amazon S3, or a store that supports If-None-Match and If-Match.',
      )
  }
  return { message: 'Existing objects are not overwritten' }
}

async function versionsOf(bucket: Bucket): Promise<Outcome> {
  const versioning = await bucket.versioning()
  if (versioning === 'unknown')
    return {
      state: 'advice',
      message: 'Tracklake may not see whether the bucket keeps earlier versions',
      remedy: 'Allow s3:GetBucketVersioning, so that deleting your account can delete them too.',
    }
  if (versioning === 'off') return { message: 'The bucket keeps no earlier versions' }
  return {
    state: 'advice',
    message: 'The bucket keeps earlier versions of each file',
    remedy: 'A lifecycle rule that deletes them after some days saves money.',
  }
}

class Run {
  readonly checks: LakeCheck[] = []
  readonly #onCheck: (check: LakeCheck) => void
  #hasFailed = false

  constructor(onCheck: (check: LakeCheck) => void) {
    this.#onCheck = onCheck
  }

  /** The first request shows several things at once. */
  async first(write: () => Promise<unknown>): Promise<void> {
    const since = performance.now()
    const error = await write().then(
      () => null,
      (reason: unknown) => reason,
    )
    const failed = error ? (CHECK_OF[s3ProblemOf(error) ?? 'other'] ?? 'write') : null
    const ms = performance.now() - since
    for (const [name, message] of FIRST) {
      if (name === failed) this.#add(name, { state: 'failed', ...explained(error) }, ms)
      // A server that refused only the writing has accepted the rest.
      else if (failed && failed !== 'write') this.#add(name, NOT_REACHED, 0)
      else this.#add(name, { message }, ms)
    }
  }

  async check(name: CheckName, work: () => Promise<Outcome>): Promise<void> {
    if (this.#hasFailed) return this.#add(name, NOT_REACHED, 0)
    const since = performance.now()
    try {
      this.#add(name, await work(), performance.now() - since)
    } catch (error) {
      this.#add(name, { state: 'failed', ...explained(error) }, performance.now() - since)
    }
  }

  #add(name: CheckName, { state = 'ok', message, remedy = null }: Outcome, ms: number): void {
    const check = { name, state, message, remedy, ms: Math.round(ms) }
    this.#hasFailed ||= state === 'failed'
    this.checks.push(check)
    this.#onCheck(check)
  }
}

/** @throws what is no problem with the bucket */
function explained(error: unknown): { message: string; remedy: string } {
  if (error instanceof Failure || error instanceof Wrong) return { message: error.message, remedy: error.remedy }
  throw error
}

// Results so far are kept in this process, where the waiting page polls them.
const CHECKING = Symbol.for('tracklake.lake.checks')
const holder = globalThis as typeof globalThis & { [CHECKING]?: Map<string, LakeCheck[]> }

/** The results so far of the listener's check that is running in this process. */
export function checkProgress(userId: string): { running: boolean; checks: LakeCheck[] } {
  const checks = holder[CHECKING]?.get(userId)
  return { running: checks !== undefined, checks: [...(checks ?? [])] }
}

/** @throws Refused 409 while another check of this listener is running */
export async function oneCheckAtATime<T>(
  userId: string,
  check: (onCheck: (check: LakeCheck) => void) => Promise<T>,
): Promise<T> {
  holder[CHECKING] ??= new Map()
  const checking = holder[CHECKING]
  if (checking.has(userId))
    throw new Refused(
      409,
      'check-under-way',
      'A check is already running',
      'Wait for it to finish; it takes a minute at most.',
    )
  const done: LakeCheck[] = []
  checking.set(userId, done)
  try {
    return await check((one) => done.push(one))
  } finally {
    checking.delete(userId)
  }
}
