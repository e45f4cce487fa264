import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openCluster, runningServerUrl, startPostgres, withClient } from './postgres.ts'
import { isAlive } from './processes.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracklake-postgres-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

function serverPid(): number {
  return Number.parseInt(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8'), 10)
}

function query(url: string, sql: string): Promise<unknown[]> {
  return withClient(url, async (client) => (await client.query(sql)).rows)
}

test('accepts connections on this machine only, with its password, and writes durably', async () => {
  const server = await startPostgres({ folder })
  const url = server.url('postgres')
  expect(
    await query(url, `select current_setting('listen_addresses') as on_address, current_setting('fsync') as fsync`),
  ).toEqual([{ on_address: '127.0.0.1', fsync: 'on' }])
  expect(runningServerUrl(folder, 'postgres')).toBe(url)
  const wrong = new URL(url)
  wrong.password = 'wrong'
  await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed')
  expect(statSync(join(folder, 'password')).mode & 0o777).toBe(0o600)
  await server.stop()
})

test('the next start stops a server that a killed process left running, and keeps its rows', async () => {
  const first = await startPostgres({ folder })
  await query(first.url('postgres'), 'create table kept as select 1 as value')
  const pid = serverPid()
  const second = await startPostgres({ folder })
  expect(isAlive(pid)).toBe(false)
  expect(await query(second.url('postgres'), 'select * from kept')).toEqual([{ value: 1 }])
  await second.stop()
})

test('a start after a killed server recovers its rows', async () => {
  const first = await startPostgres({ folder })
  await query(first.url('postgres'), 'create table kept as select 1 as value')
  process.kill(serverPid(), 'SIGKILL')
  // A new server is refused until the last process of the old one has exited.
  const second = await vi.waitFor(() => startPostgres({ folder }), { timeout: 60_000, interval: 100 })
  expect(await query(second.url('postgres'), 'select * from kept')).toEqual([{ value: 1 }])
  await second.stop()
})

test('a lock file with the pid of an unrelated process does not block the start or harm that process', async () => {
  await startPostgres({ folder, durable: false }).then((server) => server.stop())
  const stranger: ChildProcess = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  writeFileSync(join(folder, 'data', 'postmaster.pid'), `${stranger.pid}\n${join(folder, 'data')}\n0\n1\n\n\n\nready\n`)
  const server = await startPostgres({ folder, durable: false })
  expect(isAlive(stranger.pid ?? 0)).toBe(true)
  await server.stop()
  stranger.kill('SIGKILL')
  await once(stranger, 'exit')
})

test('a folder of another major version is refused', async () => {
  await startPostgres({ folder, durable: false }).then((server) => server.stop())
  writeFileSync(join(folder, 'data', 'PG_VERSION'), '15\n')
  await expect(openCluster({ folder })).rejects.toThrow(
    'was created by Postgres 15; this version of Tracklake has Postgres 18',
  )
})

test('an interrupted first start is repeated', async () => {
  const half = await startPostgres({ folder, durable: false })
  await half.stop()
  rmSync(join(folder, 'data', 'global'), { recursive: true })
  renameSync(join(folder, 'data'), join(folder, 'data.new'))
  const server = await startPostgres({ folder, durable: false })
  expect(await query(server.url('postgres'), 'select 1 as one')).toEqual([{ one: 1 }])
  await server.stop()
})
