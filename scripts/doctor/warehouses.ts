import { execFile } from 'node:child_process'
import { constants, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MINUTE, SECOND } from '#lib/core/clock.ts'
import { explainWrites } from '#scripts/data-folder.ts'
import { nodeEnvironment } from '#scripts/inherited.mjs'
import { isAlive } from '#scripts/processes.ts'
import { freeMegabytes } from './machine.ts'
import { type Check, type Finding, ok, problem, skipped, warning } from './report.ts'
import type { Situation } from './situation.ts'

const MEGABYTE = 1024 * 1024
const FILE_DEADLINE_MS = 30 * SECOND
const ALL_MS = 2 * MINUTE
/** A copy must not fill the disk of a running instance. */
const RESERVE_MB = 200
const COPIES = 'doctor'
/** A slow disk and a file that is being written prove no damage. */
const UNSURE = Symbol('unsure')
const OPEN_COPY = join(import.meta.dirname, 'open-copy.ts')

export function warehouseChecks(situation: Situation): Check[] {
  return [{ name: 'warehouses', find: () => warehouses(situation.dataFolder), deadlineMs: ALL_MS + FILE_DEADLINE_MS }]
}

/** Opens a copy of each file, because only one process may open a file, and reads every row of it. */
async function warehouses(dataFolder: string): Promise<Finding> {
  const files = ['real', 'demo'].flatMap((mode) => filesIn(join(dataFolder, mode, 'warehouses')))
  if (files.length === 0) return skipped('none yet')
  const copies = makeCopyFolder(dataFolder)
  try {
    return await checkAll(files, copies)
  } finally {
    rmSync(copies, { recursive: true, force: true })
  }
}

async function checkAll(files: string[], copies: string): Promise<Finding> {
  const deadline = Date.now() + ALL_MS
  let read = 0
  for (const file of files) {
    if (Date.now() > deadline)
      return warning(
        `${read} of ${files.length} files could be read in time`,
        'Run it again when the machine is less busy.',
      )
    const neededMb = Math.ceil(sizeOf(file) / MEGABYTE) + RESERVE_MB
    const freeMb = freeMegabytes(copies)
    if (freeMb < neededMb) {
      return warning(
        `${basename(file)} not checked: a copy needs ${neededMb} MB, but only ${freeMb} MB are free`,
        'Free some space and run it again.',
      )
    }
    const failure = await openCopyOf(file, copies)
    if (failure === UNSURE) {
      return warning(
        `${basename(file)} could not be checked: it is being written, or reading takes more than ${FILE_DEADLINE_MS / SECOND} s`,
        'Run it again when the machine is less busy.',
      )
    }
    if (failure !== undefined) {
      return problem(
        `${basename(file)} can't be read: ${failure}`,
        'Rebuild it from the landing zone: see "Rebuild a lost or damaged warehouse file" in docs/operate.md.',
      )
    }
    read++
  }
  return ok(`${read === 1 ? 'a copy of the file' : `copies of all ${read} files`} can be read`)
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.duckdb'))
    .map((name) => join(folder, name))
}

/** Deletes copies left behind by a killed doctor. */
function makeCopyFolder(dataFolder: string): string {
  const folder = join(dataFolder, COPIES)
  const own = join(folder, String(process.pid))
  explainWrites(dataFolder, () => {
    mkdirSync(own, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(folder)) {
      if (!isAlive(Number(name))) rmSync(join(folder, name), { recursive: true, force: true })
    }
  })
  return own
}

function partsOf(file: string): string[] {
  return [file, `${file}.wal`].filter(existsSync)
}

function sizeOf(file: string): number {
  return partsOf(file).reduce((sum, part) => sum + statSync(part).size, 0)
}

const ATTEMPTS = 3

/**
 * Reads a copy of a file with its WAL. Copies it again if a running instance changed it in the meantime.
 * @returns why it can't be read
 */
async function openCopyOf(file: string, folder: string): Promise<string | typeof UNSURE | undefined> {
  const copy = join(folder, basename(file))
  for (let attempt = 1; ; attempt++) {
    const isWhole = copyParts(file, folder)
    const failure = isWhole || attempt === ATTEMPTS ? await readCopy(copy) : UNSURE
    for (const part of partsOf(copy)) rmSync(part, { force: true })
    if (failure === undefined || isWhole) return failure
    if (attempt === ATTEMPTS) return UNSURE
    await sleep(SECOND)
  }
}

/** @returns whether all parts are from the same moment */
function copyParts(file: string, folder: string): boolean {
  try {
    const before = versionOf(file)
    for (const part of partsOf(file)) copyFileSync(part, join(folder, basename(part)), constants.COPYFILE_FICLONE)
    return versionOf(file) === before
  } catch (error) {
    // The WAL disappears once its content is in the file.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

function versionOf(file: string): string {
  return partsOf(file)
    .map((part) => {
      const { size, mtimeMs } = statSync(part)
      return `${part} ${size} ${mtimeMs}`
    })
    .join('\n')
}

/** Uses a separate process, because a damaged file can crash the process that opens it. */
function readCopy(copy: string): Promise<string | typeof UNSURE | undefined> {
  return new Promise((done) => {
    const env = { ...nodeEnvironment(process.env, dirname(copy)), NODE_ENV: 'production' as const }
    execFile(process.execPath, [OPEN_COPY, copy], { timeout: FILE_DEADLINE_MS, env }, (error, stdout) => {
      if (!error) return done(undefined)
      done(error.killed ? UNSURE : stdout.trim() || 'it is damaged')
    })
  })
}
