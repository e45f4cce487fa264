import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { db } from '#lib/db.ts'
import { startUp } from '#lib/ops/start-up.ts'
import { landing } from '#lib/storage/places.ts'
import { test } from '#testing/sync/fixture.ts'
import { TOP } from '#testing/sync/listeners.ts'

// Nobody listens there, so a tick sends nothing.
test.override('options', [{ INNGEST_BASE_URL: 'http://127.0.0.1:9', INNGEST_EVENT_KEY: 'none' }])

test('a planning tick sweeps landed pages that the start could not', async ({ harness, listener }) => {
  const { tick } = await import('./plan.ts')
  const { userId } = listener
  const read = { id: 'read', userId, stream: TOP, syncedAt: harness.now(), state: 'complete' as const }
  await db().streamRead.create({ data: read })
  // The process was killed before it could move this page.
  const path = `raw_data/to_process/${TOP}/${userId}/read/00000.json.gz`
  const { bytes } = await landing().put(path, '{}')
  const page = {
    id: 'read:0',
    readId: 'read',
    page: 0,
    request: '',
    path,
    items: 0,
    bytes,
    identities: Buffer.alloc(0),
  }
  await db().landedObject.create({ data: { ...page, outcome: 'loaded' } })
  const folder = join(harness.folder, 'real', 'landing')
  const isSwept = async () => (await db().landedObject.findFirstOrThrow()).moved

  // Postgres is too slow at first, then the folder is not mounted yet.
  await db().$executeRaw`alter table "LandedObject" rename to "SlowObject"`
  await startUp()
  await tick().catch(() => undefined)
  await db().$executeRaw`alter table "SlowObject" rename to "LandedObject"`
  await rename(folder, `${folder}-unmounted`)
  await tick().catch(() => undefined)
  expect(await isSwept()).toBe(false)

  await rename(`${folder}-unmounted`, folder)
  await tick().catch(() => undefined)
  expect(await isSwept()).toBe(true)
})
