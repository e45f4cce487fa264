import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { explainWrites, openDataFolder, refuseFullDisk, writeHolder } from './data-folder.ts'
import { isAlive } from './processes.ts'

let folder: string
let others: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracklake-data-'))
})

afterEach(async () => {
  for (const other of others) await kill(other)
  others = []
  rmSync(folder, { recursive: true, force: true })
})

/** A process that runs until it is ended. */
function startOther(code = 'setInterval(() => {}, 1000)'): ChildProcess {
  const other = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'ignore'] })
  others.push(other)
  return other
}

async function kill(other: ChildProcess): Promise<void> {
  if (other.exitCode !== null || other.signalCode !== null) return
  other.kill('SIGKILL')
  await once(other, 'exit')
}

function pidOf(other: ChildProcess): number {
  if (other.pid === undefined) throw new Error('the process could not be started')
  return other.pid
}

test('is accessible to its owner only', async () => {
  const { path, release } = await openDataFolder(join(folder, 'new'))
  expect(statSync(path).mode & 0o777).toBe(0o700)
  expect(statSync(join(path, 'demo', 'warehouses')).isDirectory()).toBe(true)
  release()
})

test('a folder used by a running instance is refused until that one has exited', async () => {
  const other = startOther()
  await openDataFolder(folder).then(({ release }) => release())
  writeHolder(join(folder, 'instance.json'), pidOf(other))
  await expect(openDataFolder(folder)).rejects.toThrow(`in use by another instance (process ${other.pid})`)
  await kill(other)
  const { release } = await openDataFolder(folder)
  release()
})

test('a pid that now belongs to another process does not block the folder', async () => {
  const { pid } = startOther()
  writeFileSync(join(folder, 'instance.json'), JSON.stringify({ pid, start: 'another time' }))
  const { release } = await openDataFolder(folder)
  release()
})

test('a truncated pid file does not block the folder', async () => {
  writeFileSync(join(folder, 'instance.json'), '{"pid":')
  const { release } = await openDataFolder(folder)
  release()
})

test('ends what a killed supervisor left running, but not an unrelated process with the same pid', async () => {
  const [leftOver, stranger] = [startOther(), startOther()]
  await openDataFolder(folder).then(({ release }) => release())
  writeHolder(join(folder, 'run', 'web.json'), pidOf(leftOver))
  writeFileSync(join(folder, 'run', 'engine.json'), JSON.stringify({ pid: stranger.pid, start: 'another time' }))
  const ended = once(leftOver, 'exit')
  const { release } = await openDataFolder(folder)
  await ended
  expect(isAlive(pidOf(stranger))).toBe(true)
  release()
})

test('a leftover process that ignores SIGTERM is killed', async () => {
  const deaf = startOther(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('listening')`)
  if (deaf.stdout) await once(deaf.stdout, 'data')
  await openDataFolder(folder).then(({ release }) => release())
  writeHolder(join(folder, 'run', 'web.json'), pidOf(deaf))
  const ended = once(deaf, 'exit')
  await openDataFolder(folder).then(({ release }) => release())
  expect((await ended)[1]).toBe('SIGKILL')
})

test('a nearly full disk is refused with its free space', () => {
  expect(() => refuseFullDisk(folder, 1_000_000_000)).toThrow(/has \d+ MB left; at least 1000000000 MB are needed/)
  refuseFullDisk(folder, 0)
})

test.runIf(process.platform === 'linux')('a write to a full disk gives a clear message', () => {
  expect(() => explainWrites(folder, () => writeFileSync('/dev/full', 'x'))).toThrow(`The disk of ${folder} is full.`)
})

test('a path that is not a folder gives a clear message', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  await expect(openDataFolder(file)).rejects.toThrow(`${file} isn't writable`)
  await expect(openDataFolder(join(file, 'below'))).rejects.toThrow("isn't writable")
})
