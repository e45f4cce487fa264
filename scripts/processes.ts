import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { SECOND } from '#lib/core/clock.ts'

/** What the operating system says about other processes. A number alone proves nothing: numbers are used again. */

export function isAlive(pid: number): boolean {
  if (pid <= 0) return false // to the system these mean groups of processes
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || linuxStat(pid)?.[STATE] !== 'Z' // ended, and its parent has not asked yet
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

// Places in what linuxStat() answers.
const STATE = 0
const TIMES = [11, 12, 13, 14] // its own and that of its ended children, in programs and in the system
const STARTED = 19

/** Linux counts processor time in hundredths of a second, whatever the kernel itself does. */
const TICK_MS = 10

/** The fields of /proc/<pid>/stat behind the name, which may hold anything and so is cut off at its end. */
function linuxStat(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined // it has ended
  }
}

/** Milliseconds of processor time that a process and its ended children took; 0 for one that has ended. Linux only. */
export function processorTimeOf(pid: number): number {
  const stat = linuxStat(pid) ?? []
  return TIMES.reduce((sum, place) => sum + Number(stat[place] ?? 0) * TICK_MS, 0)
}

/** When a process started, in whatever form the system gives it; equal only for the same process. Undefined: unknown. */
export function startOf(pid: number): string | undefined {
  return process.platform === 'linux' ? linuxStat(pid)?.[STARTED] : ps(pid, 'lstart=')
}

/** The command line of a process, arguments parted by spaces. */
export function commandOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return ps(pid, 'command=')
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return undefined
  }
}

function ps(pid: number, field: string): string | undefined {
  if (process.platform === 'win32') return undefined
  try {
    return execFileSync('ps', ['-p', String(pid), '-o', field], { encoding: 'utf8', timeout: 5 * SECOND }).trim()
  } catch {
    return undefined // ps ends with 1 when there is no such process
  }
}

/** Whether `pid` still is the process that had started at `start`. */
export function isSameProcess(pid: number, start: string | undefined): boolean {
  return isAlive(pid) && startOf(pid) === start
}
