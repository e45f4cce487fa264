import { byProcessName, readProc } from './process-tree.ts'

/**
 * The memory of a process and all that descend from it, in MB by name; memory that several share is counted once (PSS).
 * Undefined where the system does not tell (anything but Linux).
 */
export function memoryOf(root: number): Map<string, number> | undefined {
  return byProcessName(root, megabytes)
}

/** Proportional set size; the resident set where the kernel does not keep it. */
function megabytes(pid: number): number {
  const shared = /^Pss:\s+(\d+) kB/m.exec(readProc(`${pid}/smaps_rollup`))
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(readProc(`${pid}/status`))
  return Number((shared ?? resident)?.[1] ?? 0) / 1024
}

/** `web 180, postgres 60 MB`, the largest first. */
export function formatMemory(memory: Map<string, number>): string {
  const parts = [...memory].sort(([, a], [, b]) => b - a).map(([name, size]) => `${name} ${Math.round(size)}`)
  return `${parts.join(', ')} MB`
}
