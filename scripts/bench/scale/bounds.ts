import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { messageOf } from '#lib/core/errors.ts'

/** Holds a process and all that it will start on one core and in so much memory, as far as the system lets us. */

export interface Limits {
  /** How it is held, in words for the report. */
  description: string
  /** After all of its processes have ended. */
  release(): void
}

const CORE = 0

/** Call it right after the process was started: what it has started by then is not held. */
export function limitProcess(pid: number, { megabytes, name }: { megabytes: number; name: string }): Limits {
  const core = pinToCore(pid, CORE) ? 'held on one core by taskset' : 'not held on one core (there is no taskset)'
  const group = limitMemory(pid, { megabytes, name })
  const memory = group
    ? `and in ${megabytes} MB by a control group, files that are kept in memory included`
    : 'and its memory is measured but not held (no control group may be made here)'
  return { description: `${core} ${memory}`, release: () => group?.release() }
}

/** Leaves the held core to whom it is for. */
export function useOtherCore(pid: number): void {
  if (cpus().length > 1) pinToCore(pid, CORE + 1)
}

function pinToCore(pid: number, core: number): boolean {
  try {
    execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore', timeout: 5_000 })
    return true
  } catch {
    return false
  }
}

/** Where groups are made and what their limit is called, by version of control groups. */
const VERSIONS = [
  { folder: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
  { folder: '/sys/fs/cgroup', limit: 'memory.max' },
]

function limitMemory(
  pid: number,
  { megabytes, name }: { megabytes: number; name: string },
): { release(): void } | undefined {
  const version = VERSIONS.find(({ folder }) => existsSync(folder))
  if (!version) return undefined
  const group = `${version.folder}/${name}`
  try {
    mkdirSync(group, { recursive: true })
    writeFileSync(`${group}/${version.limit}`, String(megabytes * 1024 ** 2))
    writeFileSync(`${group}/cgroup.procs`, String(pid))
  } catch {
    remove(group)
    return undefined
  }
  return { release: () => remove(group) }
}

/** An empty group is removed as a folder; its files go with it. */
function remove(group: string): void {
  try {
    if (existsSync(group)) rmdirSync(group)
  } catch (problem) {
    console.error(`The control group ${group} is left behind: ${messageOf(problem)}`)
  }
}
