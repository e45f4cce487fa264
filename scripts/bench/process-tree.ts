import { readFileSync } from 'node:fs'
import { commandOf } from '#scripts/processes.ts'

/** What the system knows of the processes of an instance; nothing on systems without /proc. */

/** What each process is called, by its command line; the first one that fits counts. */
const NAMES: [RegExp, string][] = [
  [/postgres/, 'postgres'],
  [/next/, 'web'],
  [/scripts\/engine\.ts/, 'engine'],
  [/scripts\/simulator\.ts/, 'simulator'],
  [/start\.mjs/, 'supervisor'],
  [/npm/, 'npm'],
]

/** A number of each process of a family, added up by what the processes are called. Undefined where the system does not tell. */
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
export function readProc(file: string): string {
  try {
    return readFileSync(`/proc/${file}`, 'utf8')
  } catch {
    return ''
  }
}

export function totalOf(numbers: Map<string, number>): number {
  return [...numbers.values()].reduce((sum, number) => sum + number, 0)
}
