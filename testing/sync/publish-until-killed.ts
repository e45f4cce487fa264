import { db } from '#lib/db.ts'
import { publish } from '#lib/lake/publish.ts'

/** Publishes a listener's files in a process of its own, and prints a line once it has come as far as it should. */

const [, , userId = '', until = ''] = process.argv

const count = (where: NonNullable<Parameters<ReturnType<typeof db>['lakeFile']['count']>[0]>['where']) =>
  db().lakeFile.count({ where: { userId, ...where } })

const REACHED: Record<string, () => Promise<boolean>> = {
  writing: async () => (await count({})) > 3,
  uploading: async () => (await count({ etag: { not: null } })) > 3,
}

const work = publish(userId, 'killed')
while (!(await REACHED[until]?.()));
process.stdout.write('reached\n')
await work
