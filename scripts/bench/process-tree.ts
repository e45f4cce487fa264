import { readFileSync } from 'node:fs'
import { commandOf } from '#scripts/processes.ts'

/** Reads /proc for the processes of an instance. On other systems than Linux there is nothing to read. */

/** The name of a process by its command line; the first match counts. */
const NAMES: [RegExp, string][] = [
  [/imports\/reader\/child/, 'reader'],
  [/postgres/, 'postgres'],
  [/next/, 'web'],
  [/scripts\/engine\.ts/, 'engine'],
  [/scripts\/simulator\.ts/, 'simulator'],
  [/start\.mjs/, 'supervisor'],
  [/npm/, 'npm'],
]

/** Adds up a number of a process and its descendants, by process name. @returns undefined on other systems than Linux */
export function byProcessName(root: number, numberOf: (pid: number) => number): Map<string, number> | undefined {
  if (process.platform !== 'linux') return undefined
  const numbers = new Map<string, number>()
  for (const pid of processTree(root)) {
    const command = commandOf(pid) ?? ''
    const name = NAMES.find(([pattern]) => pattern.test(command))?.[1] ?? 'other'
    numbers.set(name, (numbers.get(name) ?? 0) + numberOf(pid))
  }
  return numbers
}

function processTree(pid: number): number[] {
  const children = readProc(`${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  return [pid, ...children.flatMap(processTree)]
}

/** A file of /proc; empty for a process that has just ended. */
function readProc(file: string): string {
  try {
    return readFileSync(`/proc/${file}`, 'utf8')
  } catch {
    return ''
  }
}

export function totalOf(numbers: Map<string, number>): number {
  return [...numbers.values()].reduce((sum, number) => sum + number, 0)
}

/**
 * The memory of a process and its descendants in MB, by process name. Shared memory is counted once (PSS).
 * @returns undefined on other systems than Linux
 */
export function memoryOf(root: number): Map<string, number> | undefined {
  return byProcessName(root, megabytes)
}

/** The proportional set size, or the resident set where the kernel doesn't track it. */
function megabytes(pid: number): number {
  const shared = /^Pss:\s+(\d+) kB/m.exec(readProc(`${pid}/smaps_rollup`))
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(readProc(`${pid}/status`))
  return Number((shared ?? resident)?.[1] ?? 0) / 1024
}

/** The most memory that a process has used, in MB of resident set. */
export function peakMegabytes(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readProc(`${pid}/status`))?.[1] ?? 0) / 1024
}

/** `web 180, postgres 60 MB`, the largest first. */
export function formatMemory(memory: Map<string, number>): string {
  const parts = [...memory].sort(([, a], [, b]) => b - a).map(([name, size]) => `${name} ${Math.round(size)}`)
  return `${parts.join(', ')} MB`
}
