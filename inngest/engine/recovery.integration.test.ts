import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDatabase, startPostgres, withClient } from '#scripts/postgres.ts'
import { eventually } from '#testing/eventually.ts'
import { type TestDatabase, testDatabase } from '#testing/postgres/database.ts'
import { freePorts, KEYS, type Ports } from './testing/app.ts'
import { endProcess, startAppProcess, startEngineProcess, waitUntilRunning } from './testing/processes.ts'

/** Finished steps stay finished whatever is killed: only the active step is repeated. */

let folder: string
let notes: string
let ports: Ports
const processes: ChildProcess[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tracklake-engine-'))
  notes = join(folder, 'notes')
  ports = await freePorts()
})

afterEach(async () => {
  for (const child of processes.splice(0)) await endProcess(child, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

async function startApp(): Promise<ChildProcess> {
  const app = await startAppProcess('./crash-app.ts', ports, notes)
  processes.push(app)
  return app
}

function startEngine(databaseUrl: string): ChildProcess {
  const engine = startEngineProcess(databaseUrl, ports)
  processes.push(engine)
  return engine
}

async function send(name: string): Promise<void> {
  const url = `http://127.0.0.1:${ports.engine}/e/${KEYS.eventKey}`
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ name: 'walk', data: { name } }) })
  expect(response.status).toBe(200)
}

function noted(line: string): Promise<unknown> {
  return eventually(() => existsSync(notes) && readFileSync(notes, 'utf8').split('\n').includes(line))
}

/** How often each line was written. */
function counts(): Record<string, number> {
  const counted: Record<string, number> = {}
  for (const line of readFileSync(notes, 'utf8').trim().split('\n')) counted[line] = (counted[line] ?? 0) + 1
  return counted
}

const ONE_REPEATED = { 'a step 1': 1, 'a step 2': 1, 'a step 3': 2, 'a step 4': 1, 'a step 5': 1, 'a end': 1 }

test('the engine is killed during a step; the late response to its call changes nothing', async () => {
  const database = await testDatabase()
  await startApp()
  const first = startEngine(database.url)
  await waitUntilRunning(first, ports)
  await send('a')
  await noted('a step 3')
  await endProcess(first, 'SIGKILL')
  startEngine(database.url)
  await noted('a end')
  expect(counts()).toEqual(ONE_REPEATED)

  // The first attempt of step 3 still runs in the app. It may end, but must not continue the run a second time.
  writeFileSync(`${notes}.release`, '')
  await noted('released')
  await send('b')
  await noted('b end')
  expect(counts()).toMatchObject(ONE_REPEATED)
  // No job of the dead engine is left in the queue.
  await withClient(database.url, (client) =>
    eventually(async () => (await client.query('select from graphile_worker.jobs')).rowCount === 0),
  )
  await drop(database)
})

test('the app is killed during a step', async () => {
  const database = await testDatabase()
  const app = await startApp()
  const engine = startEngine(database.url)
  await waitUntilRunning(engine, ports)
  await send('a')
  await noted('a step 3')
  await endProcess(app, 'SIGKILL')
  await startApp()
  await noted('a end')
  expect(counts()).toEqual(ONE_REPEATED)
  await drop(database)
})

test('the database stops during a step: the engine exits, and a new one continues', async () => {
  const server = await startPostgres({ folder: join(folder, 'postgres') })
  await createDatabase(server.url('postgres'), 'engine')
  await startApp()
  const first = startEngine(server.url('engine'))
  await waitUntilRunning(first, ports)
  await send('a')
  await noted('a step 3')
  const ended = once(first, 'exit')
  await server.stop()
  expect(await ended).toEqual([75, null])
  const again = await startPostgres({ folder: join(folder, 'postgres') })
  startEngine(again.url('engine'))
  await noted('a end')
  expect(counts()).toEqual(ONE_REPEATED)
  for (const child of processes) await endProcess(child, 'SIGKILL')
  await again.stop()
})

test('the database is read-only for a while: the engine exits for a restart, and then continues', async () => {
  const database = await testDatabase()
  await startApp()
  const name = new URL(database.url).pathname.slice(1)
  const readOnly = (value: 'on' | 'off') =>
    withClient(database.url, async (client) => {
      await client.query('set default_transaction_read_only = off')
      await client.query(`alter database "${name}" set default_transaction_read_only = ${value}`)
    })
  await readOnly('on')
  expect(await once(startEngine(database.url), 'exit')).toEqual([75, null])
  await readOnly('off')
  await waitUntilRunning(startEngine(database.url), ports)
  await drop(database)
})

test('an engine that needs the operator exits with 78', async () => {
  expect(await once(startEngine(''), 'exit')).toEqual([78, null])
})

test('an engine exits cleanly on SIGTERM and when its supervisor is gone', async () => {
  const database = await testDatabase()
  await startApp()
  const terminated = startEngine(database.url)
  await waitUntilRunning(terminated, ports)
  expect(await endProcess(terminated, 'SIGTERM')).toBe(0)

  const supervised = startEngine(database.url)
  await waitUntilRunning(supervised, ports)
  supervised.stdin?.end()
  expect(await once(supervised, 'exit')).toEqual([0, null])
  await drop(database)
})

async function drop(database: TestDatabase): Promise<void> {
  for (const child of processes) await endProcess(child, 'SIGKILL')
  await database.drop()
}
