import { execFile, execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createSocketServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { MINUTE } from '#lib/core/clock.ts'
import { newSecrets, saveSecrets } from '#lib/core/secrets.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { migrate } from '#scripts/migrate.ts'
import { createDatabase, freePort, startPostgres, withClient } from '#scripts/postgres.ts'
import { environmentWithoutSettings } from '#testing/instances/instance.ts'

// The doctor runs as a process, as for an operator, on the data folder of a stopped real instance.

const ROOT = join(import.meta.dirname, '..', '..')
const DOCTOR = join(ROOT, 'scripts', 'doctor.mjs')
const FILE = 'listener.duckdb'

interface Diagnosis {
  code: number
  output: string
  /** The line of a check with its remedy. */
  of(check: string): string
}

let template: string
let dataFolder: string
let spotify: Server
let clockAheadMs = 0

beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'tracklake-doctor-'))
  saveSecrets(template, { ...newSecrets(), mode: 'real', spotifyApp: { clientId: 'id', clientSecret: 'app-secret' } })
  for (const name of ['logs', 'run', 'real/warehouses', 'real/landing'])
    mkdirSync(join(template, name), { recursive: true })
  const server = await startPostgres({ folder: join(template, 'postgres'), durable: false })
  await createDatabase(server.url('postgres'), 'tracklake')
  await migrate(server.url('tracklake'))
  await withClient(server.url('tracklake'), async (client) => {
    await client.query(`insert into "User" (id) values ('listener')`)
    await client.query(
      `insert into "Run" (id, "userId", kind, trigger, state, "endedAt") values ('r', 'listener', 'extract', 'manual', 'succeeded', now())`,
    )
    await client.query(
      `insert into "StreamRead" (id, "userId", stream, state, "syncedAt") values ('read', 'listener', 'plays', 'complete', now())`,
    )
    await client.query(
      `insert into "LandedObject" (id, "readId", page, request, path, items, bytes, identities, outcome, "packedAs")
       select 'page' || n, 'read', n, '', 'a.pack', 1, 700000, '', 'loaded', n from generate_series(0, 1) as n`,
    )
  })
  await server.stop()
  await makeWarehouse(join(template, 'real', 'warehouses', FILE))
  spotify = createServer((_, response) => {
    response.setHeader('date', new Date(Date.now() - clockAheadMs).toUTCString())
    response.end()
  })
  await new Promise<void>((done) => spotify.listen(0, '127.0.0.1', done))
})

beforeEach(() => {
  clockAheadMs = 0
  dataFolder = mkdtempSync(join(tmpdir(), 'tracklake-doctor-'))
  copyWithOwners(template, dataFolder)
})

afterEach(() => rmSync(dataFolder, { recursive: true }))

afterAll(() => {
  spotify.close()
  rmSync(template, { recursive: true })
})

/** Postgres refuses files of another account. */
function copyWithOwners(from: string, to: string): void {
  execFileSync('cp', ['-a', `${from}/.`, to])
}

/** A file of several blocks, which is not damaged by its end alone. */
async function makeWarehouse(file: string): Promise<void> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(file)
  const connection = await instance.connect()
  await connection.run('create schema raw')
  await connection.run('create table raw.songs as select range as id, md5(range::varchar) as name from range(200000)')
  connection.closeSync()
  instance.closeSync()
  await (await openDuckdb(file)).close()
}

async function diagnose(
  settings: Record<string, string> = {},
  command: string[] = [],
  doctor = DOCTOR,
): Promise<Diagnosis> {
  const { port } = spotify.address() as AddressInfo
  const [web, engine] = [await freePort(), await freePort()]
  const program = [...command, process.execPath, doctor]
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: 'production',
    ...environmentWithoutSettings(),
    DATA_DIR: dataFolder,
    PORT: String(web),
    ENGINE_PORT: String(engine),
    SPOTIFY_ACCOUNTS_URL: `http://127.0.0.1:${port}`,
    SPOTIFY_API_URL: `http://127.0.0.1:${port}/v1`,
    npm_config_registry: `http://127.0.0.1:${port}/`,
    ...settings,
  }
  return new Promise((done) => {
    const child = execFile(program[0] ?? '', program.slice(1), { env, timeout: 2 * MINUTE }, (_, stdout, stderr) => {
      const output = stdout + stderr
      const of = (check: string) => new RegExp(`^\\w+ +${check} .*(\\n +→.*)?`, 'm').exec(output)?.[0] ?? output
      done({ code: child.exitCode ?? -1, output, of })
    })
  })
}

test('finds no problem in a healthy stopped instance, and prints no secrets', async () => {
  const diagnosis = await diagnose()
  expect(diagnosis.output).not.toMatch(/^problem/m)
  expect(diagnosis.code).toBe(0)
  expect(diagnosis.of('Postgres')).toMatch(/^ok .*started for this check/)
  expect(diagnosis.of('key ring')).toMatch(/^ok .*decrypts everything/)
  expect(diagnosis.of('last sync')).toMatch(/^ok .*succeeded, 0 h ago/)
  expect(diagnosis.of('landing zone')).toMatch(/^ok .*1\.4 MB; 2 responses are packed/)
  expect(diagnosis.of('warehouses')).toMatch(/^ok .*can be read/)
  expect(diagnosis.of('Spotify')).toMatch(/^ok .*respond/)
  const stored = JSON.parse(readFileSync(join(dataFolder, 'secrets.json'), 'utf8')) as Record<string, unknown>
  for (const name of ['keyRing', 'sessionSecret', 'eventKey', 'signingKey']) {
    expect(diagnosis.output).not.toContain(stored[name])
  }
  // The next start finds everything as it was.
  expect(await diagnose()).toMatchObject({ code: 0 })
})

test('reports a taken port and the process that uses it', async () => {
  const server = createSocketServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const diagnosis = await diagnose({ PORT: String(port) })
  server.close()
  expect(diagnosis.of('ports')).toMatch(new RegExp(`^problem .*Port ${port} is taken.*\\n.*choose another port`))
  expect(diagnosis.code).toBe(1)
})

test.for([
  ['the end', (size: number) => size / 2],
  ['everything', () => 0],
] as const)('reports a warehouse file that lost %s, with a fix', async ([, rest]) => {
  const file = join(dataFolder, 'real', 'warehouses', FILE)
  const { size } = statSync(file)
  truncateSync(file, Math.floor(rest(size)))
  if (rest(size) === 0) writeFileSync(file, 'x')
  const diagnosis = await diagnose()
  expect(diagnosis.of('warehouses')).toMatch(
    /^problem .*listener\.duckdb can't be read: .*\n.*Rebuild it from the landing zone/,
  )
  expect(diagnosis.code).toBe(1)
  // Only a copy was opened.
  expect(statSync(file).size).toBe(rest(size) === 0 ? 1 : Math.floor(rest(size)))
})

test('reports a lost key and damaged secrets', async () => {
  const server = await startPostgres({ folder: join(dataFolder, 'postgres'), durable: false })
  await withClient(server.url('tracklake'), (client) =>
    client.query(
      `insert into "SpotifyApp" (id, "clientId", "clientSecret", "developerAccount") values ('a', 'b', 'seal.lost.c', 'd')`,
    ),
  )
  await server.stop()
  const lost = await diagnose()
  expect(lost.of('key ring')).toMatch(/^problem .*sealed with the key "lost".*\n.*Restore secrets\.json/)
  expect(lost.code).toBe(1)

  writeFileSync(join(dataFolder, 'secrets.json'), '{')
  const damaged = await diagnose()
  expect(damaged.of('key ring')).toMatch(/^problem .*damaged.*\n.*Restore it from a backup/)
  expect(damaged.of('warehouses')).toMatch(/^ok/)
})

test('leaves tables of an older version to the next start', async () => {
  const server = await startPostgres({ folder: join(dataFolder, 'postgres'), durable: false })
  await withClient(server.url('tracklake'), async (client) => {
    await client.query(
      `delete from _prisma_migrations where migration_name = (select max(migration_name) from _prisma_migrations)`,
    )
    await client.query(`drop table "LandedObject", "Run" cascade`)
  })
  await server.stop()
  const diagnosis = await diagnose()
  expect(diagnosis.code).toBe(0)
  expect(diagnosis.of('Postgres')).toMatch(/^ok .*the next start applies 1 migration$/m)
  expect(diagnosis.of('last sync')).toMatch(/^skipped .*see Postgres/)
  expect(diagnosis.of('landing zone')).toMatch(/^skipped .*see Postgres/)
})

test('detects a wrong clock by the time of other servers', async () => {
  clockAheadMs = 2 * MINUTE
  expect((await diagnose()).of('clock')).toMatch(/^warning .*(119|120|121) s ahead\n.*time synchronization/)
  clockAheadMs = -20 * MINUTE
  const diagnosis = await diagnose()
  expect(diagnosis.of('clock')).toMatch(/^problem .*(1199|1200|1201) s behind/)
  expect(diagnosis.code).toBe(1)
})

test('reports unreachable servers with the reason, without passwords', async () => {
  const port = 2 // nothing listens there
  const diagnosis = await diagnose({
    SPOTIFY_API_URL: `http://127.0.0.1:${port}/v1`,
    DATABASE_URL: `postgresql://somebody:pass-word@127.0.0.1:${port}/x`,
    TRACKLAKE_KEY: `k1:${Buffer.alloc(32).toString('base64')}`,
    HTTPS_PROXY: `http://user:pass-word@127.0.0.1:${port}`,
    LANDING_URL: 's3://lake/landing',
    S3_ENDPOINT: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_SECRET_ACCESS_KEY: 'pass-word',
  })
  expect(diagnosis.of('S3')).toMatch(/^problem .*S3 cannot be reached\n.*S3_ENDPOINT/)
  expect(diagnosis.of('Spotify')).toMatch(/^problem .*can't be reached: ECONNREFUSED/)
  expect(diagnosis.of('proxy')).toMatch(/^problem .*can't be reached: ECONNREFUSED/)
  expect(diagnosis.of('Postgres')).toMatch(/^problem .*can't be used: .*\n.*Correct DATABASE_URL/)
  expect(diagnosis.output).not.toContain('pass-word')
  expect(diagnosis.code).toBe(1)
})

test('reports a bad setting without a stack trace', async () => {
  const { code, output } = await diagnose({ PORT: 'abc' })
  expect(output).toMatch(/^problem +settings +PORT is "abc"/)
  expect(output).not.toContain('    at ')
  expect(code).toBe(1)
})

test('reports missing packages', () => {
  const clone = mkdtempSync(join(tmpdir(), 'tracklake-clone-'))
  mkdirSync(join(clone, 'scripts'))
  for (const name of ['doctor', 'bootstrap', 'install', 'steps', 'inherited', 'stop-signals']) {
    cpSync(join(ROOT, 'scripts', `${name}.mjs`), join(clone, 'scripts', `${name}.mjs`))
  }
  let output = ''
  try {
    execFileSync(process.execPath, [join(clone, 'scripts', 'doctor.mjs')], { encoding: 'utf8' })
  } catch (error) {
    output = (error as { stdout: string }).stdout
  }
  rmSync(clone, { recursive: true })
  expect(output).toMatch(/^problem +packages +not installed\n.*Run `npm start`/m)
})

test('works in a container image, which has no lock of the packages', async () => {
  const image = mkdtempSync(join(tmpdir(), 'tracklake-image-'))
  for (const name of copiedIntoTheImage()) cpSync(join(ROOT, name), join(image, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(image, 'node_modules'))
  const { output, code } = await diagnose({}, [], join(image, 'scripts', 'doctor.mjs'))
  rmSync(image, { recursive: true })
  expect(output).toMatch(/^ok +settings/m)
  expect(output).not.toMatch(/^problem/m)
  expect(code).toBe(0)
})

/** What the Dockerfile copies from the project. */
function copiedIntoTheImage(): string[] {
  const [, stage = ''] = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').split(' AS run\n')
  return [...stage.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, names = '']) => names.split(' '))
}

/** Whether this machine lets an ordinary user mount; otherwise full and read-only disks can't be tested. */
const CAN_MOUNT = (() => {
  try {
    execFileSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

/** Runs the doctor with the data folder on a small disk that only it sees. */
function diagnoseOnDisk(size: string, options: string): Promise<Diagnosis> {
  const source = `${dataFolder}-source`
  cpSync(dataFolder, source, { recursive: true })
  const mount = `mount -t tmpfs -o size=${size} tmpfs "$0" && cp -R "$1/." "$0" && mount -o remount,${options} "$0" && shift && exec "$@"`
  return diagnose({}, ['unshare', '-rm', 'sh', '-c', mount, dataFolder, source]).finally(() =>
    rmSync(source, { recursive: true }),
  )
}

test.runIf(CAN_MOUNT)('reports a folder that is not writable, with a fix', async () => {
  const diagnosis = await diagnoseOnDisk('600m', 'ro')
  expect(diagnosis.of('folders')).toMatch(/^problem .*isn't writable.*\n.*Correct its owner and permissions/)
  expect(diagnosis.code).toBe(1)
})

test.runIf(CAN_MOUNT)('reports what it could not check for lack of disk space', async () => {
  const diagnosis = await diagnoseOnDisk('180m', 'rw')
  expect(diagnosis.of('disk')).toMatch(/^problem .*MB are needed\n.*Free some space/)
  expect(diagnosis.of('Postgres')).toMatch(/^skipped .*not enough disk space/)
  expect(diagnosis.of('warehouses')).toMatch(/^warning .*not checked: a copy needs \d+ MB, but only \d+ MB are free/)
  expect(diagnosis.code).toBe(1)
})
