import { afterAll, beforeAll, expect, test } from 'vitest'
import { newSecrets } from '#lib/core/secrets.ts'
import { migratedDatabase, type TestDatabase, testDatabase } from '#testing/postgres/database.ts'
import { withClient } from './postgres.ts'
import { refuseDemoListeners, refuseLostKeys } from './sealed-rows.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await migratedDatabase()
})
afterAll(() => database.drop())

const KEY = 'A'.repeat(43)

/** Runs `check` in an uncommitted transaction with one Spotify app. */
function withApp(clientId: string, clientSecret: string, check: typeof refuseDemoListeners): Promise<void> {
  return withClient(database.url, async (client) => {
    await client.query('begin')
    await client.query(
      `insert into "SpotifyApp" (id, "clientId", "clientSecret", "developerAccount") values ('a', $1, $2, 'd')`,
      [clientId, clientSecret],
    )
    await check(client)
  })
}

test('an empty database needs no key', async () => {
  const { url, drop } = await testDatabase()
  await withClient(url, (client) => refuseLostKeys(client, `k1:${KEY}=`))
  await withClient(url, refuseDemoListeners)
  await drop()
})

test('a secret sealed with a known key is accepted, one with a lost key is refused', async () => {
  const sealed = 'seal.k2.c2VhbGVk'
  await withApp('app', sealed, (client) => refuseLostKeys(client, `k1:${KEY}=,k2:${KEY}=`))
  await expect(withApp('app', sealed, (client) => refuseLostKeys(client, `k1:${KEY}=`))).rejects.toMatchObject({
    message: expect.stringContaining('sealed with the key "k2"'),
    remedy: expect.stringContaining('Restore secrets.json'),
  })
})

test.for([
  ['Account', 'refresh_token'],
  ['Account', 'access_token'],
  ['SpotifyApp', 'clientSecret'],
  ['WarehouseConnection', 'secrets'],
  ['LakeConnection', 'secrets'],
])('the schema has the sealed column %s.%s', async ([table, column]) => {
  await withClient(database.url, (client) => client.query(`select "${column}" from "${table}" limit 0`))
})

test('a real instance refuses a database with demo listeners', async () => {
  await withApp('0123456789abcdef0123456789abcdef', 'seal.k1.x', refuseDemoListeners)
  const demo = withApp(newSecrets().demoApp.clientId, 'seal.k1.x', refuseDemoListeners)
  await expect(demo).rejects.toThrow('contains demo listeners')
})
