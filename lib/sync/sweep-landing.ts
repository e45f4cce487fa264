import { Failure, Stop } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db, type LandedObject } from '#lib/db.ts'
import { landing } from '#lib/storage/places.ts'

const BATCH = 200
const MOST_BATCHES = 50

/**
 * Brings the landing folder in line with Postgres: what every destination has moves to `processed`, what was
 * superseded goes. Run after each run and at start; a crash in the middle is repaired by the next sweep, and so is an
 * object that cannot be moved now: the folder is everybody's, and nobody's run may fail by the object of another.
 * @returns how many objects were put in order
 */
export async function sweepLanding(): Promise<number> {
  let swept = 0
  const left: string[] = []
  for (let batch = 0; batch < MOST_BATCHES && left.length < BATCH; batch++) {
    const objects = await db().landedObject.findMany({
      where: { moved: false, outcome: { in: ['loaded', 'superseded'] }, id: { notIn: left } },
      take: BATCH,
    })
    for (const object of objects) {
      if (await putInOrder(object)) swept++
      else left.push(object.id)
    }
    if (objects.length < BATCH) break
  }
  if (left.length > 0) log.warn('landed objects were left for the next sweep', { objects: left.length })
  return swept
}

/** @returns whether the next sweep need not look at it any more */
async function putInOrder(object: LandedObject): Promise<boolean> {
  const { id, path } = object
  try {
    await db().landedObject.updateMany({ where: { id }, data: { moved: true, path: await placeOf(object) } })
    return true
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    if (!(thrown instanceof Stop)) return false
    // It is loaded and cannot be moved: nothing to put in order. A rebuild that wants it finds it missing and asks anew.
    log.error('a landed object is gone', { ...thrown.context, objectId: id, path, problem: thrown.message })
    await db().landedObject.updateMany({ where: { id }, data: { moved: true } })
    return true
  }
}

/** Moves the file, or takes it away. @returns where it lies now */
async function placeOf({ path, outcome }: LandedObject): Promise<string> {
  if (outcome === 'superseded') {
    await landing().remove(path)
    return path
  }
  const to = path.replace('raw_data/to_process/', 'raw_data/processed/')
  await landing().move(path, to)
  return to
}
