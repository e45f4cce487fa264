import { readFileSync } from 'node:fs'
import { commandOf } from '../processes.ts'

/** What each process of an instance is called, by its command line; the first one that fits counts. */
const NAMES: [RegExp, string][] = [
  [/postgres/, 'postgres'],
  [/next/, 'web'],
  [/scripts\/engine\.ts/, 'engine'],
  [/scripts\/simulator\.ts/, 'simulator'],
  [/start\.mjs/, 'supervisor'],
  [/npm/, 'npm'],
]

/**
 * The memory of a process and all that descend from it, in MB by name; memory that several share is counted once (PSS).
 * Undefined where the system does not tell (anything but Linux).
 */
export function memoryOf(root: number): Map<string, number> | undefined {
  if (process.platform !== 'linux') return undefined
  const memory = new Map<string, number>()
  for (const pid of family(root)) {
    const command = commandOf(pid) ?? ''
    const name = NAMES.find(([pattern]) => pattern.test(command))?.[1] ?? 'other'
    memory.set(name, (memory.get(name) ?? 0) + megabytes(pid))
  }
  return memory
}

function family(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  return [pid, ...children.flatMap(family)]
}

/** Proportional set size; the resident set where the kernel does not keep it. */
function megabytes(pid: number): number {
  const shared = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))
  return Number((shared ?? resident)?.[1] ?? 0) / 1024
}

/** Empty for a process that has just ended. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** `web 180, postgres 60 MB`, the largest first. */
export function memoryInWords(memory: Map<string, number>): string {
  const parts = [...memory].sort(([, a], [, b]) => b - a).map(([name, size]) => `${name} ${Math.round(size)}`)
  return `${parts.join(', ')} MB`
}

export function totalOf(memory: Map<string, number>): number {
  return [...memory.values()].reduce((sum, size) => sum + size, 0)
}
