import { readdirSync, readFileSync } from 'node:fs'
import { isAlive } from '#scripts/processes.ts'

/** The processes that have a folder in their command line or environment, except for this one. Linux only. */
export function processesWith(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => ['cmdline', 'environ'].some((file) => read(pid, file).includes(folder)) && isAlive(pid))
}

/** The command lines of these processes, for the message of a failed test. */
export function commandsWith(folder: string): string[] {
  return processesWith(folder).map((pid) => `${pid} ${read(pid, 'cmdline').replaceAll('\0', ' ').trim()}`)
}

/** A file in /proc/<pid>; empty when the process has exited or belongs to somebody else. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
