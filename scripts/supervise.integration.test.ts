import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import {
  environmentWithoutSettings,
  removeTestFolder,
  startInstance,
  type TestInstance,
  testFolder,
} from '#testing/instances/instance.ts'
import { runningServerUrl, withClient } from './postgres.ts'
import { isAlive } from './processes.ts'

// Every start here is a complete instance: Postgres, engine, simulator and the built web app.

const SOON = { timeout: 60_000, interval: 50 }
const CHILDREN = ['engine', 'simulator', 'web'] as const

let running: TestInstance
const started: TestInstance[] = []
const folders: string[] = []

async function start(environment: Record<string, string> = {}): Promise<TestInstance> {
  const instance = await startInstance(environment)
  started.push(instance)
  folders.push(instance.dataFolder)
  return instance
}

/** Starts an instance that must refuse to start. @returns its output */
async function refusal(environment: Record<string, string>): Promise<string> {
  const instance = await start(environment)
  await once(instance.process, 'close')
  expect(instance.process.exitCode).toBe(1)
  return instance.output().trim()
}

function pidOf(instance: TestInstance, name: (typeof CHILDREN)[number] | 'postgres'): number {
  if (name === 'postgres') {
    return Number.parseInt(readFileSync(join(instance.dataFolder, 'postgres', 'data', 'postmaster.pid'), 'utf8'), 10)
  }
  const file = JSON.parse(readFileSync(join(instance.dataFolder, 'run', `${name}.json`), 'utf8')) as { pid: number }
  return file.pid
}

async function health(instance: TestInstance): Promise<{ status: string; bootId: string }> {
  const response = await fetch(`${instance.origin}/api/health`)
  return (await response.json()) as { status: string; bootId: string }
}

/** @returns the status of the response */
async function setUp(instance: TestInstance, body: object): Promise<number> {
  const headers = { 'content-type': 'application/json' }
  return (await fetch(`${instance.origin}/api/setup`, { method: 'POST', headers, body: JSON.stringify(body) })).status
}

beforeAll(async () => {
  running = await start()
  await running.printed('ready on')
})

afterEach(async () => {
  for (const instance of started.splice(0).filter((each) => each !== running)) await instance.stop()
})

afterAll(async () => {
  await running.stop()
  for (const folder of new Set(folders)) removeTestFolder(folder)
})

test('prints its progress until it is ready, and no problems of parts that are still starting', () => {
  const lines = running.output().trim().split('\n')
  expect(lines.splice(-3)).toEqual([
    'demo mode: Spotify and its listeners are simulated',
    'before a proxy makes this app public, set APP_URL, so that /setup requires a code',
    `ready on ${running.origin}`,
  ])
  for (const line of lines) expect(line).toMatch(/^(building|applied migrations|still starting| {2})/)
})

test('the doctor finds no problem in a running instance', async () => {
  const doctor = join(import.meta.dirname, 'doctor.mjs')
  const { port } = new URL(running.origin)
  const settings = {
    DATA_DIR: running.dataFolder,
    PORT: port,
    ENGINE_PORT: new URL(running.engine).port,
    SIMULATOR_PORT: new URL(running.simulator).port,
  }
  const env = { ...environmentWithoutSettings(), NODE_ENV: 'production', ...settings } satisfies NodeJS.ProcessEnv
  // It rejects when the exit code isn't 0.
  const { stdout } = await promisify(execFile)(process.execPath, [doctor], { env })
  expect(stdout).toMatch(/^skipped +ports .*in use by the running instance$/m)
  expect(stdout).toMatch(/^ok +Postgres +running$/m)
  expect(stdout).toMatch(/^ok +web app +healthy at/m)
  expect(stdout).toMatch(/^ok +engine +embedded: responding$/m)
})

test.for(CHILDREN)('%s comes back after kill -9', async (name) => {
  const before = pidOf(running, name)
  process.kill(before, 'SIGKILL')
  await vi.waitFor(() => expect(pidOf(running, name)).not.toBe(before), SOON)
  await vi.waitFor(async () => expect(await health(running)).toMatchObject({ status: 'ok' }), SOON)
})

test('Postgres comes back after kill -9 at the same address, and the other processes recover', async () => {
  const before = pidOf(running, 'postgres')
  process.kill(before, 'SIGKILL')
  await vi.waitFor(() => expect(pidOf(running, 'postgres')).not.toBe(before), SOON)
  await vi.waitFor(async () => expect(await health(running)).toMatchObject({ status: 'ok' }), SOON)
})

test('a second instance with the same folder or port is refused', async () => {
  expect(await refusal({ DATA_DIR: running.dataFolder })).toContain('is in use by another instance')
  const { port } = new URL(running.origin)
  expect(await refusal({ PORT: port })).toMatch(new RegExp(`^Port ${port} is taken`))
})

test('the children of a killed supervisor exit, and the next start uses the same data', async () => {
  const killed = await start()
  await killed.printed('ready on')
  const secrets = readFileSync(join(killed.dataFolder, 'secrets.json'), 'utf8')
  const children = CHILDREN.map((name) => pidOf(killed, name))
  const { bootId } = await health(killed)
  killed.process.kill('SIGKILL')
  await vi.waitFor(() => expect(children.filter(isAlive)).toEqual([]), SOON)

  const { port } = new URL(killed.origin)
  const next = await start({ DATA_DIR: killed.dataFolder, PORT: port })
  await next.printed('ready on')
  expect((await health(next)).bootId).not.toBe(bootId)
  expect(readFileSync(join(killed.dataFolder, 'secrets.json'), 'utf8')).toBe(secrets)
})

test('Ctrl-C stops everything cleanly', async () => {
  const instance = await start()
  await instance.printed('ready on')
  const pids = [...CHILDREN.map((name) => pidOf(instance, name)), pidOf(instance, 'postgres')]
  expect(await instance.stop()).toBe(0)
  expect(pids.filter(isAlive)).toEqual([])
  expect(readdirSync(join(instance.dataFolder, 'run'))).toEqual([])
  expect(existsSync(join(instance.dataFolder, 'instance.json'))).toBe(false)
  const log = readFileSync(join(instance.dataFolder, 'logs', 'postgres.log'), 'utf8')
  expect(log).toContain('database system is shut down')
})

test('lost secrets are not replaced while rows are sealed with them', async () => {
  const instance = await start()
  await instance.printed('ready on')
  await withClient(runningServerUrl(join(instance.dataFolder, 'postgres'), 'tracklake_demo'), (client) =>
    client.query(
      `insert into "SpotifyApp" (id, "clientId", "clientSecret", "developerAccount") values ('a', 'b', 'seal.lost.c', 'd')`,
    ),
  )
  await instance.stop()
  rmSync(join(instance.dataFolder, 'secrets.json'))
  expect(await refusal({ DATA_DIR: instance.dataFolder })).toContain('sealed with the key "lost"')
  expect(existsSync(join(instance.dataFolder, 'secrets.json'))).toBe(false)
})

test('damaged secrets are refused and not changed', async () => {
  const instance = await start()
  await instance.printed('ready on')
  await instance.stop()
  writeFileSync(join(instance.dataFolder, 'secrets.json'), '{')
  expect(await refusal({ DATA_DIR: instance.dataFolder })).toContain('Restore it from a backup')
  expect(readFileSync(join(instance.dataFolder, 'secrets.json'), 'utf8')).toBe('{')
})

test('a folder of another version of Postgres is refused with a remedy', async () => {
  const instance = await start()
  await instance.printed('ready on')
  await instance.stop()
  writeFileSync(join(instance.dataFolder, 'postgres', 'data', 'PG_VERSION'), '15\n')
  expect(await refusal({ DATA_DIR: instance.dataFolder })).toMatch(/was created by Postgres 15.*pg_dump/)
})

test('with https, every response tells browsers to stay there, and cookies belong to this host alone', async () => {
  const instance = await start({ DEMO: '1', APP_URL: 'https://music.example' })
  await instance.printed('ready on')
  const get = (path: string) => fetch(`${instance.origin}${path}`, { redirect: 'manual' })
  for (const path of [
    '/',
    '/nowhere',
    '/overview',
    '/overview/',
    '/favicon.svg',
    '/api/health',
    '/api/nowhere',
    '/api/me?id=%00',
  ]) {
    expect([path, (await get(path)).headers.get('strict-transport-security')]).toEqual([path, 'max-age=31536000'])
  }
  const cookies = (await get('/api/auth/csrf')).headers.getSetCookie()
  expect(cookies.length).toBeGreaterThan(0)
  for (const cookie of cookies) expect(cookie).toMatch(/^__Host-tracklake-demo\.[^;]+; Path=\/;.*Secure/)
})

test('a real instance without an app opens /setup with the code from the console', async () => {
  const instance = await start({ DEMO: '0', APP_URL: 'https://music.example' })
  await instance.printed('ready on https://music.example')
  expect(instance.output()).toMatch(/setup code for .*\/setup: [0-9a-f]{16}/)
  // Behind a proxy, all requests come from the loopback address.
  const app = { clientId: 'a', clientSecret: 'b' }
  expect(await setUp(instance, app)).toBe(404)
  const code = /setup: ([0-9a-f]{16})/.exec(instance.output())?.[1]
  expect(await setUp(instance, { ...app, code })).toBe(200)
  expect(existsSync(join(instance.dataFolder, 'run', 'simulator.json'))).toBe(false)
})

test('the setup code is printed only while it opens /setup', async () => {
  const settings = { DEMO: '0', APP_URL: 'https://music.example' }
  const first = await start(settings)
  await first.printed('ready on')
  await withClient(runningServerUrl(join(first.dataFolder, 'postgres'), 'tracklake'), async (client) => {
    await client.query(`insert into "User" (id) values ('somebody')`)
    await client.query(
      `insert into "Account" (id, "userId", type, provider, "providerAccountId") values ('a', 'somebody', 'oauth', 'spotify', 'p')`,
    )
  })
  await first.stop()
  const second = await start({ ...settings, DATA_DIR: first.dataFolder })
  await second.printed('ready on')
  expect(second.output()).not.toContain('setup code')
})

test.for([
  [{ PORT: '99999' }, 'PORT is "99999"'],
  [{ SPOTIFY_CLIENT_ID: 'id' }, "SPOTIFY_CLIENT_SECRET isn't"],
  [{ HOST: '0.0.0.0' }, 'shows it to others'],
  [{ DATABASE_URL: 'postgresql://u:p@127.0.0.1:9/x' }, "TRACKLAKE_KEY isn't"],
  [
    { DATABASE_URL: 'postgresql://u:p@127.0.0.1:9/x', TRACKLAKE_KEY: `k1:${'A'.repeat(43)}=` },
    "The database x at 127.0.0.1:9 can't be used",
  ],
] as const)('%j is refused', async ([environment, message]) => {
  expect(await refusal({ DATA_DIR: testFolder(), ...environment })).toContain(message)
})
