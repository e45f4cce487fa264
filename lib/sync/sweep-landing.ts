import { Failure, Stop } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db, type LandedObject } from '#lib/db.ts'
import { landing } from '#lib/storage/places.ts'

const BATCH = 200
const MAX_BATCHES = 50

/** Whether this process's last sweep failed or was incomplete. */
let isDue = true

/** Sweeps again if the last sweep could not finish, for example because Postgres was slow at startup. */
export async function sweepLandingIfDue(): Promise<void> {
  if (!isDue) return
  await sweepLanding().then(
    (swept) => log.info('the landing zone was swept', { objects: swept }),
    (error) => log.warn('the landing zone could not be swept; the next planning tick will try again', { error }),
  )
}

/**
 * Brings the landing folder in line with Postgres: moves loaded objects to `processed` and deletes superseded ones. Runs
 * after each run, at startup, and until that succeeds with each planning tick. An object that can't be moved now is left for the next sweep, because one listener's
 * object must not fail another listener's run.
 * @returns how many objects were moved or deleted
 */
export async function sweepLanding(): Promise<number> {
  let swept = 0
  let isDone = false
  const left: string[] = []
  isDue = true
  for (let batch = 0; batch < MAX_BATCHES && left.length < BATCH && !isDone; batch++) {
    const objects = await db().landedObject.findMany({
      where: { moved: false, outcome: { in: ['loaded', 'superseded'] }, id: { notIn: left } },
      take: BATCH,
    })
    const remaining = await sweepObjects(objects)
    swept += objects.length - remaining.length
    left.push(...remaining)
    isDone = objects.length < BATCH
  }
  isDue = !isDone || left.length > 0
  if (left.length > 0) log.warn('some landed objects were left for the next sweep', { objects: left.length })
  return swept
}

/** @returns the ids of those that the next sweep retries */
async function sweepObjects(objects: LandedObject[]): Promise<string[]> {
  const superseded = objects.filter(({ outcome }) => outcome === 'superseded')
  const loaded = objects.filter(({ outcome }) => outcome !== 'superseded')
  const isRemoved = await removed(superseded)
  if (isRemoved) await record(superseded.map(({ id, path, etag }) => ({ id, path, etag })))
  const moves = loaded.map(({ path }) => ({ from: path, to: processedPath(path) }))
  const ends = await landing().moveMany(moves)
  const left: string[] = isRemoved ? [] : superseded.map(({ id }) => id)
  const done: Moved[] = []
  for (const [index, { id, path, etag }] of loaded.entries()) {
    const end = ends[index]
    if (!end) continue
    if (!('failure' in end)) done.push({ id, path: processedPath(path), etag: end.etag })
    else if (end.failure instanceof Stop) {
      // It is loaded, so nothing is lost. A rebuild that needs it finds it missing and reads it from Spotify again.
      const { context, message } = end.failure
      log.error('a landed object is missing', { ...context, objectId: id, path, problem: message })
      done.push({ id, path, etag })
    } else if (end.failure instanceof Failure) left.push(id)
    else throw end.failure
  }
  await record(done)
  return left
}

const processedPath = (path: string) => path.replace('raw_data/to_process/', 'raw_data/processed/')

/** @returns false if they are left for the next sweep */
async function removed(objects: LandedObject[]): Promise<boolean> {
  try {
    await landing().remove(...objects.map(({ path }) => path))
    return true
  } catch (error) {
    if (error instanceof Failure) return false
    throw error
  }
}

type Moved = Pick<LandedObject, 'id' | 'path' | 'etag'>

async function record(objects: Moved[]): Promise<void> {
  if (objects.length === 0) return
  await db().$executeRaw`
    update "LandedObject" o set moved = true, path = m.path, etag = m.etag
    from unnest(${objects.map(({ id }) => id)}::text[], ${objects.map(({ path }) => path)}::text[],
      ${objects.map(({ etag }) => etag)}::text[]) as m(id, path, etag)
    where o.id = m.id and o."packedAs" is null`
}
