import { ulid } from 'ulid'
import { db } from './db.ts'

const NAME = 'instance id'

/** Identifies this installation in warehouses that others may use too. Generated once. */
export async function instanceId(): Promise<string> {
  const fact = await db().instanceFact.upsert({
    where: { name: NAME },
    create: { name: NAME, value: ulid() },
    update: {},
  })
  return fact.value
}
