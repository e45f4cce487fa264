import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { isS3Address } from '#lib/core/s3-address.ts'
import { explainWrites, MIN_FREE_MB } from '#scripts/data-folder.ts'
import { listenAddress, type Ports } from '#scripts/environment.ts'
import { usesEmbeddedEngine } from '#scripts/mode.ts'
import { refuseTakenPort } from '#scripts/ports.ts'
import { type Check, type Finding, ok, problem, skipped, warning } from './report.ts'
import type { Situation } from './situation.ts'

const MEGABYTE = 1024 * 1024
/** What an instance needs when idle and during a first sync; see docs/performance.md. */
const IDLE_MB = 400
const BUSY_MB = 700
const LOW_DISK_MB = 500

export function machineChecks(situation: Situation): Check[] {
  return [
    { name: 'Node', find: async () => ok(process.versions.node) },
    { name: 'memory', find: async () => memory(situation) },
    { name: 'disk', find: async () => disk(situation.dataFolder) },
    { name: 'folders', find: async () => folders(situation) },
    { name: 'ports', find: () => ports(situation) },
  ]
}

function memory({ isRunning }: Situation): Finding {
  const availableMb = Math.round(availableMemory() / MEGABYTE)
  const detail = `${availableMb} MB available`
  const remedy = 'Close other programs, or give this machine or container more memory.'
  // A running instance has taken its share already.
  const taken = isRunning ? IDLE_MB : 0
  if (availableMb < IDLE_MB - taken) return problem(`${detail}; an idle instance needs ${IDLE_MB} MB`, remedy)
  if (availableMb < BUSY_MB - taken)
    return warning(`${detail}; a first sync needs up to ${BUSY_MB - taken} MB${isRunning ? ' more' : ''}`, remedy)
  return ok(detail)
}

/** In bytes. A container's limit counts as the machine's memory. */
function availableMemory(): number {
  const limit = process.constrainedMemory()
  const inContainer = limit > 0 && limit < totalmem() ? limit : Number.POSITIVE_INFINITY
  return Math.min(machineMemory(), inContainer)
}

/** Free memory alone would omit what the system's file cache can release. */
function machineMemory(): number {
  if (process.platform !== 'linux') return freemem()
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
  return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024
}

/** Free megabytes on the disk of a path that may not exist yet. */
export function freeMegabytes(path: string): number {
  const { bavail, bsize } = statfsSync(existingParent(path))
  return Math.floor((bavail * bsize) / MEGABYTE)
}

function existingParent(path: string): string {
  return existsSync(path) ? path : existingParent(dirname(path))
}

function disk(dataFolder: string): Finding {
  const freeMb = freeMegabytes(dataFolder)
  const detail = `${freeMb} MB free for ${dataFolder}`
  const remedy = 'Free some space, or set DATA_DIR to a folder on another disk.'
  if (freeMb < MIN_FREE_MB) return problem(`${detail}; at least ${MIN_FREE_MB} MB are needed`, remedy)
  return freeMb < LOW_DISK_MB ? warning(detail, remedy) : ok(detail)
}

function folders({ dataFolder, settings }: Situation): Finding {
  if (!existsSync(dataFolder)) {
    const parent = existingParent(dataFolder)
    explainWrites(parent, () => accessSync(parent, constants.W_OK))
    return ok(`${dataFolder} will be created by the first start`)
  }
  const names = ['.', 'logs', 'run', 'real/warehouses', 'real/landing', 'demo/warehouses', 'demo/landing']
  const paths = [
    ...names.map((name) => join(dataFolder, name)),
    ...(settings.LANDING_URL && !isS3Address(settings.LANDING_URL) ? [settings.LANDING_URL] : []),
  ]
  const existing = paths.filter(existsSync)
  for (const path of existing) tryToWrite(path)
  const { mode } = statSync(dataFolder)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    return warning(`other users of this machine can read ${dataFolder}`, `Run: chmod 700 ${dataFolder}`)
  }
  return ok(`${existing.length} folders are writable`)
}

/** @throws Stop */
function tryToWrite(path: string): void {
  explainWrites(path, () => rmSync(mkdtempSync(join(path, 'doctor-')), { recursive: true }))
}

async function ports({ settings, ports, isRunning, mode }: Situation): Promise<Finding> {
  const used: [keyof Ports, string, string][] = [['web', listenAddress(settings.HOST), 'PORT']]
  if (usesEmbeddedEngine(settings)) used.push(['engine', '127.0.0.1', 'ENGINE_PORT'])
  if (mode().name === 'demo') used.push(['simulator', '127.0.0.1', 'SIMULATOR_PORT'])
  const numbers = used.map(([name]) => ports[name]).join(', ')
  if (isRunning) return skipped(`${numbers}: in use by the running instance`)
  for (const [name, host, setting] of used) await refuseTakenPort(ports[name], host, setting)
  return ok(`${numbers}: free`)
}
