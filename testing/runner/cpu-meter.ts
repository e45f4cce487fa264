import { readdirSync, readFileSync } from 'node:fs'

/** CPU seconds (user and system) of this process and of everything it starts. Node doesn't tell; Linux does. */

// What /proc counts in, the same on every Linux.
const TICKS_PER_SECOND = 100

const SAMPLE_EVERY_MS = 500

interface ProcessTimes {
  parent: number
  /** Distinguishes two processes with the same number. */
  key: string
  own: number
  /** Of its ended children that it waited for, including theirs. */
  waited: number
}

/** @returns undefined when there is no such process or no /proc */
function timesOf(pid: number): ProcessTimes | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined
  }
  // See proc_pid_stat(5). The name in parentheses may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [parent, user, system, childUser, childSystem, start] = [1, 11, 12, 13, 14, 19].map((at) => Number(fields[at]))
  return {
    parent: Number(parent),
    key: `${pid} ${start}`,
    own: Number(user) + Number(system),
    waited: Number(childUser) + Number(childSystem),
  }
}

/**
 * Starts counting.
 *
 * A process that was waited for says exactly what it used, but nobody waits for the children of a killed process, such
 * as a browser's. Samples include those, but miss short-lived processes. Both are lower bounds; the larger one counts.
 *
 * @returns ends the count and returns the seconds since its start; undefined where the system doesn't tell
 */
export function startCpuMeter(sampleEveryMs = SAMPLE_EVERY_MS): () => number | undefined {
  const begin = timesOf(process.pid)
  if (!begin) return () => undefined
  const descendants = new Map<string, number>()
  let strangers = new Set<number>()

  function sample(): void {
    const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
    const times = new Map<number, ProcessTimes>()
    for (const pid of pids) {
      const found = strangers.has(pid) ? undefined : timesOf(pid)
      if (found) times.set(pid, found)
    }
    const descends = (pid: number): boolean => {
      const found = times.get(pid)
      if (!found) return false
      // A process whose parent died has another parent now.
      return descendants.has(found.key) || found.parent === process.pid || descends(found.parent)
    }
    for (const [pid, { key, own }] of times) if (descends(pid)) descendants.set(key, own)
    strangers = new Set(pids.filter((pid) => pid !== process.pid && !descends(pid)))
  }

  const timer = setInterval(sample, sampleEveryMs)
  return () => {
    clearInterval(timer)
    sample()
    const end = timesOf(process.pid)
    if (!end) return undefined
    const sampled = [...descendants.values()].reduce((sum, own) => sum + own, 0)
    return (end.own - begin.own + Math.max(end.waited - begin.waited, sampled)) / TICKS_PER_SECOND
  }
}
