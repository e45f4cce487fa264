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
    for (const object of objects) {
      if (await sweepObject(object)) swept++
      else left.push(object.id)
    }
    isDone = objects.length < BATCH
  }
  isDue = !isDone || left.length > 0
  if (left.length > 0) log.warn('some landed objects were left for the next sweep', { objects: left.length })
  return swept
}

/** @returns whether the object is done; if not, the next sweep retries it */
async function sweepObject(object: LandedObject): Promise<boolean> {
  const { id, path } = object
  try {
    await db().landedObject.updateMany({ where: { id }, data: { moved: true, path: await relocate(object) } })
    return true
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (!(error instanceof Stop)) return false
    // It is loaded, so nothing is lost. A rebuild that needs it finds it missing and reads it from Spotify again.
    log.error('a landed object is missing', { ...error.context, objectId: id, path, problem: error.message })
    await db().landedObject.updateMany({ where: { id }, data: { moved: true } })
    return true
  }
}

/** Moves or deletes the file. @returns its path */
async function relocate({ path, outcome }: LandedObject): Promise<string> {
  if (outcome === 'superseded') {
    await landing().remove(path)
    return path
  }
  const to = path.replace('raw_data/to_process/', 'raw_data/processed/')
  await landing().move(path, to)
  return to
}
