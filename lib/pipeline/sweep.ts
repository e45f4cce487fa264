import { db, type LandedObject } from '../db.ts'
import { landing } from './places.ts'

const BATCH = 200
const MOST_BATCHES = 50

/**
 * Brings the landing folder in line with Postgres: what every destination has moves to `processed`, what was
 * superseded goes. Run after each run and at start; a crash in the middle is repaired by the next sweep.
 * @returns how many objects were put in order
 */
export async function sweepLanding(): Promise<number> {
  let swept = 0
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const objects = await db().landedObject.findMany({
      where: { moved: false, outcome: { in: ['loaded', 'superseded'] } },
      take: BATCH,
    })
    for (const object of objects) await putInOrder(object)
    swept += objects.length
    if (objects.length < BATCH) break
  }
  return swept
}

async function putInOrder({ id, path, outcome }: LandedObject): Promise<void> {
  if (outcome === 'superseded') {
    await landing().remove(path)
    await db().landedObject.update({ where: { id }, data: { moved: true } })
    return
  }
  const to = path.replace('raw_data/to_process/', 'raw_data/processed/')
  await landing().move(path, to)
  await db().landedObject.update({ where: { id }, data: { moved: true, path: to } })
}
