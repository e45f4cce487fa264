import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { now, pause, SECOND } from '#lib/core/clock.ts'
import { messageOf, Stop } from '#lib/core/errors.ts'
import { isAlive, isSameProcess, startOf } from './processes.ts'

/** Creates and checks DATA_DIR and makes sure that only one instance uses it. */

const MEGABYTE = 1024 * 1024
/** With less free disk space, an instance doesn't start. */
export const MIN_FREE_MB = 200

export interface DataFolder {
  path: string
  /** Releases the folder for another instance. */
  release(): void
}

/**
 * Creates the folder, claims it for this process and ends processes that a killed instance left running.
 * @throws Stop when another instance uses it, it isn't writable, or the disk is nearly full
 */
export async function openDataFolder(dataDir: string): Promise<DataFolder> {
  const path = resolve(dataDir)
  explainWrites(path, () => makeFolders(path))
  refuseFullDisk(path)
  await waitForPredecessor(path)
  const release = explainWrites(path, () => claimFolder(path))
  await endLeftOvers(join(path, 'run'))
  return { path, release }
}

function makeFolders(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  // A mounted folder may belong to another user and be writable through this process's group.
  if (process.getuid?.() === 0 || statSync(path).uid === (process.getuid?.() ?? 0)) chmodSync(path, 0o700)
  for (const name of ['logs', 'run', 'tmp']) mkdirSync(join(path, name), { recursive: true, mode: 0o700 })
  for (const mode of ['demo', 'real']) {
    for (const name of ['warehouses', 'landing']) mkdirSync(join(path, mode, name), { recursive: true, mode: 0o700 })
  }
}

/** @throws Stop when the disk of `path` has less than `minMb` megabytes left */
export function refuseFullDisk(path: string, minMb = MIN_FREE_MB): void {
  const { bavail, bsize } = statfsSync(path)
  const freeMb = Math.floor((bavail * bsize) / MEGABYTE)
  if (freeMb >= minMb) return
  throw new Stop(`The disk of ${path} has ${freeMb} MB left; at least ${minMb} MB are needed.`, {
    remedy: 'Free space, or set DATA_DIR to a folder on another disk.',
  })
}

/** Runs `write`. @throws Stop with a message for the operator when the disk is full or not writable */
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
      throw new Stop(`${path} isn't writable: ${messageOf(cause)}.`, {
        cause,
        remedy: 'Correct its owner and permissions, or set DATA_DIR to another folder.',
      })
    }
    throw cause
  }
}

const HOLDER = 'instance.json'

interface Holder {
  pid: number
  /** From startOf(); missing when the system doesn't provide it. */
  start?: string
}

/** Waits a moment for an instance that was just stopped or killed. */
async function waitForPredecessor(path: string): Promise<void> {
  const deadline = now().getTime() + SECOND
  while (now().getTime() < deadline) {
    const holder = readHolder(join(path, HOLDER))
    if (!holder || !stillRuns(holder)) return
    await pause(50)
  }
}

/** Whether an instance runs on the folder. */
export function isInUse(path: string): boolean {
  const holder = readHolder(join(path, HOLDER))
  return holder !== undefined && stillRuns(holder)
}

/** @returns a function that releases the folder @throws Stop when a running instance has it */
export function claimFolder(path: string): () => void {
  const file = join(path, HOLDER)
  const holder = readHolder(file)
  if (holder && stillRuns(holder)) {
    throw new Stop(`${path} is in use by another instance (process ${holder.pid}).`, {
      remedy: `Stop that one first, or start this one with another DATA_DIR and PORT. If that process isn't Tracklake, remove ${file}.`,
    })
  }
  rmSync(file, { force: true })
  writeHolder(file, process.pid, 'wx')
  return () => rmSync(file, { force: true })
}

function stillRuns({ pid, start }: Holder): boolean {
  return start === undefined ? isAlive(pid) : isSameProcess(pid, start)
}

/** Writes a pid file. @param flag `wx` fails when the file exists */
export function writeHolder(file: string, pid: number, flag: 'w' | 'wx' = 'w'): void {
  const holder: Holder = { pid, start: startOf(pid) }
  writeFileSync(file, JSON.stringify(holder), { mode: 0o600, flag })
}

function readHolder(file: string): Holder | undefined {
  try {
    const { pid, start } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>
    return typeof pid === 'number' ? { pid, start } : undefined
  } catch {
    return undefined // missing, or truncated by a crash
  }
}

/** Ends the children of a killed supervisor that haven't exited by themselves. */
async function endLeftOvers(runFolder: string): Promise<void> {
  for (const name of readdirSync(runFolder)) {
    const file = join(runFolder, name)
    const holder = readHolder(file)
    // The pid may belong to another process by now; the start time proves that it doesn't.
    if (holder?.start !== undefined && isSameProcess(holder.pid, holder.start)) {
      await endProcess(holder.pid, holder.start)
      console.log(`ended a leftover ${name.replace('.json', '')} process (${holder.pid})`)
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
