import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { SECOND } from '#lib/core/clock.ts'
import { memoryOf } from '#scripts/bench/memory.ts'
import { byProcessName, totalOf } from '#scripts/bench/process-tree.ts'
import type { SimulatorProcess } from '#scripts/bench/simulator-process.ts'
import { processorTimeOf } from '#scripts/processes.ts'
import type { TestInstance } from '#testing/instances/instance.ts'
import { processOf } from '#testing/instances/real-instance.ts'

/** What an instance has cost until now. */
export interface Cost {
  /** Seconds of processor time, by process. */
  cpu: Map<string, number>
  /** Of the app and the engine together. */
  statements: number
  /** To the Web API. */
  requests: number
  /** What lies on the disk, in bytes. */
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
    cpu: byProcessName(supervisorOf(instance), (pid) => processorTimeOf(pid) / SECOND) ?? new Map(),
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

/** What all files below a folder take on the disk, which gives out whole blocks. */
function bytesOnDisk(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  return entries.reduce((sum, entry) => {
    const found = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false }) // may have been moved on
    return sum + (found?.isFile() ? found.blocks * 512 : 0)
  }, 0)
}

/** Processor time between two looks: all of it, and by process. */
export function cpuBetween(before: Cost, after: Cost): { seconds: number; by: Map<string, number> } {
  const by = new Map([...after.cpu].map(([name, seconds]) => [name, seconds - (before.cpu.get(name) ?? 0)]))
  return { seconds: totalOf(by), by }
}

/** Looks at an instance's memory every two seconds until it is stopped. @returns what then tells the largest it saw */
export function watchMemory(instance: TestInstance): () => Map<string, number> {
  let most = new Map<string, number>()
  const look = () => {
    const memory = memoryOf(supervisorOf(instance)) ?? new Map()
    if (totalOf(memory) > totalOf(most)) most = memory
  }
  look()
  const timer = setInterval(look, 2 * SECOND)
  return () => {
    clearInterval(timer)
    look()
    return most
  }
}

/** Files, connections and the like that the web process holds open: it alone opens warehouses. */
export function openFilesOf({ dataFolder }: TestInstance): number {
  return readdirSync(`/proc/${processOf(dataFolder, 'web') ?? 'self'}/fd`).length
}
