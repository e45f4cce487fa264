import { db } from '#lib/db.ts'
import { runImportToEnd } from './import-files.ts'

/** Works on an import in a process of its own, and prints a line once it has come as far as it should. */

const [, , userId = '', importId = '', until = ''] = process.argv

const REACHED: Record<string, () => Promise<boolean>> = {
  reading: async () => (await db().landedObject.count({ where: { readId: importId } })) > 0,
  landed: async () => (await db().import.count({ where: { id: importId, state: 'loading' } })) > 0,
  loaded: async () => (await db().loadLedger.count({ where: { readId: importId, state: 'loaded' } })) > 0,
  removing: async () => (await db().streamRead.count({ where: { id: `undo-${importId}` } })) > 0,
}

const work = runImportToEnd(userId, importId)
while (!(await REACHED[until]?.()));
process.stdout.write('reached\n')
await work
