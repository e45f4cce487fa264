import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { SECOND } from '#lib/core/clock.ts'
import { byProcessName, memoryOf, totalOf } from '#scripts/bench/process-tree.ts'
import type { SimulatorProcess } from '#scripts/bench/simulator-process.ts'
import { cpuTimeOf } from '#scripts/processes.ts'
import type { TestInstance } from '#testing/instances/instance.ts'
import { processOf } from '#testing/instances/real-instance.ts'

/** The resources that an instance has used so far. */
export interface Cost {
  /** Seconds of CPU time, by process. */
  cpu: Map<string, number>
  /** SQL statements of app and engine together. */
  statements: number
  /** Requests to the Web API. */
  requests: number
  /** Bytes on disk. */
  postgres: number
  landing: number
  warehouses: number
}

export async function costOf(instance: TestInstance, client: pg.Client, simulator: SimulatorProcess): Promise<Cost> {
  const data = join(instance.dataFolder, 'real')
  const { rows } = await client.query<{ statements: number; bytes: number }>(
    `select /* of the bench */ sum(calls)::float8 as statements, pg_database_size(current_database())::float8 as bytes
     from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())
     and query not like '%of the bench%'`,
  )
  return {
    cpu: byProcessName(supervisorOf(instance), (pid) => cpuTimeOf(pid) / SECOND) ?? new Map(),
    statements: rows[0]?.statements ?? Number.NaN,
    requests: (await simulator.count()).total,
    postgres: rows[0]?.bytes ?? Number.NaN,
    landing: bytesOnDisk(join(data, 'landing')),
    warehouses: bytesOnDisk(join(data, 'warehouses')),
  }
}

function supervisorOf({ dataFolder }: TestInstance): number {
  return processOf(dataFolder, 'supervisor') ?? 0
}

/** The space that all files below a folder take on disk, in whole blocks. */
function bytesOnDisk(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  return entries.reduce((sum, entry) => {
    const found = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false }) // may have been moved on
    return sum + (found?.isFile() ? found.blocks * 512 : 0)
  }, 0)
}

/** CPU time between two measurements: in total and by process. */
export function cpuBetween(before: Cost, after: Cost): { seconds: number; by: Map<string, number> } {
  const by = new Map([...after.cpu].map(([name, seconds]) => [name, seconds - (before.cpu.get(name) ?? 0)]))
  return { seconds: totalOf(by), by }
}

/** Samples an instance's memory every two seconds. @returns a function that stops sampling and returns the peak */
export function watchMemory(instance: TestInstance): () => Map<string, number> {
  let peak = new Map<string, number>()
  const sample = () => {
    const memory = memoryOf(supervisorOf(instance)) ?? new Map()
    if (totalOf(memory) > totalOf(peak)) peak = memory
  }
  sample()
  const timer = setInterval(sample, 2 * SECOND)
  return () => {
    clearInterval(timer)
    sample()
    return peak
  }
}

/** Open files and connections of the web process, the only one that opens warehouses. */
export function openFilesOf({ dataFolder }: TestInstance): number {
  return readdirSync(`/proc/${processOf(dataFolder, 'web') ?? 'self'}/fd`).length
}
