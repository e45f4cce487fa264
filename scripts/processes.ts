import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { SECOND } from '#lib/core/clock.ts'
import { systemEnvironment } from './inherited.mjs'

/** Information about other processes. A pid alone proves nothing, because pids are reused. */

export function isAlive(pid: number): boolean {
  if (pid <= 0) return false // the system treats these as process groups
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || linuxStat(pid)?.[STATE] !== 'Z' // a zombie has exited
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

// Positions in the result of linuxStat().
const STATE = 0
const TIMES = [11, 12, 13, 14] // user and system time, its own and that of its exited children
const STARTED = 19

/** Linux reports CPU time in hundredths of a second. */
const TICK_MS = 10

/** The fields of /proc/<pid>/stat after the name, which may contain spaces and parentheses. */
function linuxStat(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined // it has exited
  }
}

/** CPU time in milliseconds of a process and its exited children; 0 after it has exited. Linux only. */
export function cpuTimeOf(pid: number): number {
  const stat = linuxStat(pid) ?? []
  return TIMES.reduce((sum, place) => sum + Number(stat[place] ?? 0) * TICK_MS, 0)
}

/** The start time of a process as the system formats it, for telling apart processes with the same pid. */
export function startOf(pid: number): string | undefined {
  return process.platform === 'linux' ? linuxStat(pid)?.[STARTED] : ps(pid, 'lstart=')
}

/** The command line of a process, with arguments separated by spaces. */
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
    const env = { ...systemEnvironment(process.env), NODE_ENV: 'production' as const } // required by Next's types
    return execFileSync('ps', ['-p', String(pid), '-o', field], { encoding: 'utf8', timeout: 5 * SECOND, env }).trim()
  } catch {
    return undefined // ps exits with 1 when there is no such process
  }
}

/** Whether `pid` is still the process that started at `start`. */
export function isSameProcess(pid: number, start: string | undefined): boolean {
  return isAlive(pid) && startOf(pid) === start
}
