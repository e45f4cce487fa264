import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { now, pause, SECOND } from '#lib/core/clock.ts'
import { messageOf, Stop } from '#lib/core/errors.ts'
import { isAlive, isSameProcess, startOf } from './processes.ts'

/** DATA_DIR: made, checked and held by one instance at a time. */

const MEGABYTE = 1024 * 1024
const MIN_FREE_MB = 200

export interface DataFolder {
  path: string
  /** Gives the folder free for another instance. */
  release(): void
}

/**
 * Makes the folder, takes it for this process and ends what a killed predecessor left running on it.
 * @throws Stop when another instance uses it, it cannot be written, or the disk is nearly full
 */
export async function openDataFolder(dataDir: string): Promise<DataFolder> {
  const path = resolve(dataDir)
  explainWrites(path, () => makeFolders(path))
  refuseFullDisk(path)
  await waitForPredecessor(path)
  const release = explainWrites(path, () => takeFolder(path))
  await endLeftOvers(join(path, 'run'))
  return { path, release }
}

function makeFolders(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  chmodSync(path, 0o700)
  for (const name of ['logs', 'run']) mkdirSync(join(path, name), { recursive: true, mode: 0o700 })
  for (const mode of ['demo', 'real']) {
    for (const name of ['warehouses', 'landing']) mkdirSync(join(path, mode, name), { recursive: true, mode: 0o700 })
  }
}

/** @throws Stop when the disk of `path` has less than `leastMb` megabytes left */
export function refuseFullDisk(path: string, leastMb = MIN_FREE_MB): void {
  const { bavail, bsize } = statfsSync(path)
  const freeMb = Math.floor((bavail * bsize) / MEGABYTE)
  if (freeMb >= leastMb) return
  throw new Stop(`The disk of ${path} has ${freeMb} MB left; at least ${leastMb} MB are needed.`, {
    remedy: 'Free space, or set DATA_DIR to a folder on another disk.',
  })
}

/** Runs `write` and turns what the disk answers into a sentence. */
export function explainWrites<T>(path: string, write: () => T): T {
  try {
    return write()
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new Stop(`The disk of ${path} is full.`, {
        cause,
        remedy: 'Free space, or set DATA_DIR to a folder on another disk.',
      })
    }
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR' || code === 'EEXIST') {
      throw new Stop(`${path} cannot be written: ${messageOf(cause)}.`, {
        cause,
        remedy: 'Correct its owner and rights, or set DATA_DIR to another folder.',
      })
    }
    throw cause
  }
}

const HOLDER = 'instance.json'

interface Holder {
  pid: number
  /** As startOf() gives it; missing where the system does not tell. */
  start?: string
}

/** An instance that was just told to end, or killed, is gone within moments. */
async function waitForPredecessor(path: string): Promise<void> {
  const deadline = now().getTime() + SECOND
  while (now().getTime() < deadline) {
    const holder = readHolder(join(path, HOLDER))
    if (!holder || !stillRuns(holder)) return
    await pause(50)
  }
}

/** @returns what gives the folder free */
function takeFolder(path: string): () => void {
  const file = join(path, HOLDER)
  const holder = readHolder(file)
  if (holder && stillRuns(holder)) {
    throw new Stop(`${path} is in use by another instance (process ${holder.pid}).`, {
      remedy: `Stop that one first, or start this one with another DATA_DIR and PORT. If it is none of yours, remove ${file}.`,
    })
  }
  rmSync(file, { force: true })
  writeHolder(file, process.pid, 'wx')
  return () => rmSync(file, { force: true })
}

function stillRuns({ pid, start }: Holder): boolean {
  return start === undefined ? isAlive(pid) : isSameProcess(pid, start)
}

/** Notes which process a file stands for. @param flag `wx` fails when somebody else was faster */
export function writeHolder(file: string, pid: number, flag: 'w' | 'wx' = 'w'): void {
  const holder: Holder = { pid, start: startOf(pid) }
  writeFileSync(file, JSON.stringify(holder), { mode: 0o600, flag })
}

function readHolder(file: string): Holder | undefined {
  try {
    const { pid, start } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>
    return typeof pid === 'number' ? { pid, start } : undefined
  } catch {
    return undefined // not there, or cut short by a crash: it names nobody
  }
}

/** Children end by themselves when their supervisor is gone; this waits for it and helps the ones that do not. */
async function endLeftOvers(runFolder: string): Promise<void> {
  for (const name of readdirSync(runFolder)) {
    const file = join(runFolder, name)
    const holder = readHolder(file)
    // Only with a known start is it certain that the number still means our process.
    if (holder?.start !== undefined && isSameProcess(holder.pid, holder.start)) {
      await endProcess(holder.pid, holder.start)
      console.log(`ended a left-over ${name.replace('.json', '')} process (${holder.pid})`)
    }
    rmSync(file, { force: true })
  }
}

async function endProcess(pid: number, start: string): Promise<void> {
  process.kill(pid, 'SIGTERM')
  const deadline = now().getTime() + 5 * SECOND
  while (isSameProcess(pid, start) && now().getTime() < deadline) await pause(20)
  if (isSameProcess(pid, start)) process.kill(pid, 'SIGKILL')
}
