import { ulid } from 'ulid'
import { db } from './db.ts'

const NAME = 'instance id'

/** What names this installation to warehouses that others may use too; made once, kept in the app database. */
export async function instanceId(): Promise<string> {
  const fact = await db().instanceFact.upsert({
    where: { name: NAME },
    create: { name: NAME, value: ulid() },
    update: {},
  })
  return fact.value
}
