import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { parseKeyRing, seal, unseal } from '#lib/core/seal.ts'
import { type SealedPlace, sealedColumns } from '#lib/core/sealed-columns.ts'
import { newSecrets, saveSecrets } from '#lib/core/secrets.ts'
import { environmentWithoutSettings, removeTestFolder, testFolder } from '#testing/instances/instance.ts'
import { migratedDatabase, type TestDatabase } from '#testing/postgres/database.ts'
import { openDataFolder, writeHolder } from './data-folder.ts'
import { migrate } from './migrate.ts'
import { createDatabase, startPostgres, withClient } from './postgres.ts'

/** The command of its own process, as an operator runs it. */

const KEYS = {
  k1: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
  k2: `k2:${Buffer.alloc(32, 2).toString('base64')}`,
}
const BOTH = `${KEYS.k2},${KEYS.k1}`
const OLD = parseKeyRing(KEYS.k1)
const NEW = parseKeyRing(KEYS.k2)

const ACCOUNTS = 300

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function database(): Promise<TestDatabase> {
  const made = await migratedDatabase()
  cleanUps.push(made.drop)
  return made
}

const secretOf = (at: { table: string; column: string }, id: string) => `${at.table} ${at.column} ${id}`

/** Fills every sealed column, with the old key. */
async function fill(url: string, accounts = ACCOUNTS): Promise<void> {
  const sealed = (place: SealedPlace, id: string) => seal(secretOf(place, id), place, OLD)
  await withClient(url, async (client) => {
    await client.query(`insert into "User" (id, name) values ('u', 'somebody')`)
    for (let index = 0; index < accounts; index++) {
      const id = `a${String(index).padStart(4, '0')}`
      const tokens = (['access_token', 'refresh_token'] as const).map((column) =>
        sealed({ table: 'Account', row: `spotify:of ${id}`, column }, id),
      )
      await client.query(
        `insert into "Account" (id, "userId", type, provider, "providerAccountId", access_token, refresh_token)
         values ($1, 'u', 'oauth', 'spotify', $2, $3, $4)`,
        [id, `of ${id}`, ...tokens],
      )
    }
    await client.query(
      `insert into "SpotifyApp" (id, "clientId", "clientSecret", "developerAccount") values ('s', 'client', $1, 'd')`,
      [sealed({ table: 'SpotifyApp', row: 'client', column: 'clientSecret' }, 's')],
    )
    await client.query(
      `insert into "WarehouseConnection" (id, "userId", kind, secrets) values ('w', 'u', 'snowflake', $1)`,
      [sealed({ table: 'WarehouseConnection', row: 'w', column: 'secrets' }, 'w')],
    )
    await client.query(
      `insert into "SnowflakeKey" (id, "userId", slot, "publicKey", fingerprint, "privateKey") values ('k', 'u', 1, 'p', 'f', $1)`,
      [sealed({ table: 'SnowflakeKey', row: 'k', column: 'privateKey' }, 'k')],
    )
    await client.query(`insert into "LakeConnection" (id, "userId", secrets) values ('l', 'u', $1)`, [
      sealed({ table: 'LakeConnection', row: 'u', column: 'secrets' }, 'l'),
    ])
    await client.query(
      `insert into "NotificationChannel" (id, "userId", kind, label, target) values ('n', 'u', 'webhook', 'l', $1)`,
      [sealed({ table: 'NotificationChannel', row: 'n', column: 'target' }, 'n')],
    )
  })
}

/** How many secrets have which key. Each one must still be what it was. */
async function keysIn(url: string): Promise<Record<string, number>> {
  return withClient(url, async (client) => {
    const counts: Record<string, number> = {}
    for (const at of sealedColumns) {
      const name = at.row.map((part) => `"${part}"`).join(` || ':' || `)
      const { rows } = await client.query<{ id: string; name: string; sealed: string }>(
        `select id, ${name} as name, "${at.column}" as sealed from "${at.table}" where "${at.column}" is not null`,
      )
      for (const { id, name, sealed } of rows) {
        const key = sealed.split('.')[1] ?? ''
        const place = { table: at.table, row: name, column: at.column } as SealedPlace
        expect(unseal(sealed, place, key === 'k2' ? NEW : OLD)).toBe(secretOf(at, id))
        counts[key] = (counts[key] ?? 0) + 1
      }
    }
    return counts
  })
}

function start(environment: Record<string, string>) {
  const child = spawn(process.execPath, ['scripts/reseal.ts'], {
    env: { ...environmentWithoutSettings(), NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const ended = once(child, 'close').then(([code]: (number | null)[]) => ({ code, output }))
  return { child, ended }
}

const run = (environment: Record<string, string>) => start(environment).ended

const ALL = sealedColumns.length - 2 + 2 * ACCOUNTS

describe('npm run reseal', () => {
  test('after kill -9, every secret can be decrypted and the next run finishes', async () => {
    const { url } = await database()
    await fill(url)
    const environment = { DATABASE_URL: url, TRACKLAKE_KEY: BOTH }
    await withClient(url, async (client) => {
      await client.query('begin')
      await client.query(`select 1 from "Account" where id = 'a0150' for update`)
      const { child, ended } = start(environment)
      await waitForLock(url)
      child.kill('SIGKILL')
      await ended
      await client.query('rollback')
    })
    const { k1 = 0, k2 = 0 } = await keysIn(url)
    expect(k1).toBeGreaterThan(0)
    expect(k2).toBeGreaterThan(0)

    expect(await run(environment)).toEqual({
      code: 0,
      output: expect.stringContaining(
        'Everything is encrypted with the key "k2". Remove "k1" from TRACKLAKE_KEY and restart.',
      ),
    })
    expect(await keysIn(url)).toEqual({ k2: ALL })
    expect((await run({ ...environment, TRACKLAKE_KEY: KEYS.k2 })).output).toContain('There is no other key to remove.')
  })

  test('refuses a key that the running instance doesn’t have or doesn’t encrypt with yet', async () => {
    const { url } = await database()
    await fill(url, 1)
    const web = new pg.Client({ connectionString: url, application_name: 'tracklake-web' })
    await web.connect()
    cleanUps.push(() => web.end())
    await web.query(`insert into "InstanceFact" (name, value) values ('key ring', 'k1')`)
    const environment = { DATABASE_URL: url, TRACKLAKE_KEY: BOTH }
    for (const ring of ['k1', 'k1,k2']) {
      await web.query(`update "InstanceFact" set value = $1`, [ring])
      expect(await run(environment)).toEqual({
        code: 1,
        output: expect.stringContaining(
          'The running instance was started before "k2" became the first key of the ring.',
        ),
      })
      expect(await keysIn(url)).not.toHaveProperty('k2')
    }
    await web.query(`update "InstanceFact" set value = 'k2,k1'`)
    expect((await run(environment)).code).toBe(0)
  })

  test('reports a secret that can’t be decrypted, with the fix', async () => {
    const { url } = await database()
    await fill(url, 2)
    await withClient(url, (client) =>
      client.query(
        `update "Account" set access_token = (select access_token from "Account" where id = 'a0001') where id = 'a0000'`,
      ),
    )
    const { code, output } = await run({ DATABASE_URL: url, TRACKLAKE_KEY: BOTH })
    expect(code).toBe(1)
    expect(output).toContain('Account.access_token in row a0000 could not be decrypted')
    expect(output).toContain('Keep the old keys until then.')
    expect(output).not.toContain('Everything is encrypted')
  })

  test('without secrets it says which folder it looked in', async () => {
    const folder = testFolder()
    cleanUps.push(() => removeTestFolder(folder))
    expect(await run({ DATA_DIR: folder })).toEqual({
      code: 1,
      output: expect.stringContaining(`${folder} has no secrets.json`),
    })
  })

  test('works on the embedded database whether or not the instance is running', async () => {
    const folder = testFolder()
    cleanUps.push(() => removeTestFolder(folder))
    const { release } = await openDataFolder(folder)
    saveSecrets(folder, { ...newSecrets(), keyRing: BOTH })
    const server = await startPostgres({ folder: join(folder, 'postgres'), durable: false })
    cleanUps.push(server.stop)
    const url = server.url('tracklake_demo')
    await createDatabase(server.url('postgres'), 'tracklake_demo')
    await migrate(url)
    await fill(url, 3)
    writeHolder(join(folder, 'instance.json'), process.pid)
    const running = await run({ DATA_DIR: folder })
    expect(running).toEqual({ code: 0, output: expect.stringContaining('Remove "k1" from "keyRing" in secrets.json') })
    expect(running.output).not.toContain('the database is started for this command')
    expect(await keysIn(url)).not.toHaveProperty('k1')
    await server.stop()
    release()

    const stopped = await run({ DATA_DIR: folder })
    expect(stopped).toEqual({ code: 0, output: expect.stringContaining('the database is started for this command') })
    expect(existsSync(join(folder, 'postgres', 'data', 'postmaster.pid'))).toBe(false)
    expect(existsSync(join(folder, 'instance.json'))).toBe(false)
  })
})

/** Waits until a statement of another process waits for a locked row. */
async function waitForLock(url: string): Promise<void> {
  await withClient(url, async (client) => {
    for (;;) {
      const { rowCount } = await client.query(
        `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      )
      if (rowCount) return
    }
  })
}
