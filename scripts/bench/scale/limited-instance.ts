import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { messageOf } from '#lib/core/errors.ts'
import { withSimulator } from '#scripts/bench/instances.ts'
import { withClient } from '#scripts/postgres.ts'
import { removeTestFolder, startInstance, type TestInstance } from '#testing/instances/instance.ts'
import { realDatabaseUrl, realSettings } from '#testing/instances/real-instance.ts'
import type { BenchInstance } from './stage.ts'

/** Runs `work` with an instance that is limited to one core and some memory, and whose database counts statements. */
export async function withLimitedInstance<T>(
  { latencyMs, megabytes, settings }: { latencyMs: number; megabytes: number; settings: Record<string, string> },
  work: (bench: BenchInstance & { limits: string }) => Promise<T>,
): Promise<T> {
  return withSimulator(latencyMs, async (simulator) => {
    const environment = { ...realSettings(simulator.url), ...settings }
    const dataFolder = await prepareFolder(environment)
    const instance = await startInstance({ ...environment, DATA_DIR: dataFolder })
    const limits = limitProcess(instance.process.pid ?? 0, { megabytes, name: `tracklake-bench-${process.pid}` })
    try {
      moveToOtherCore(simulator.pid)
      await instance.printed('ready on')
      return await withClient(realDatabaseUrl(dataFolder), async (client) => {
        await client.query('create extension if not exists pg_stat_statements')
        return work({ instance, simulator, client, limits: limits.description })
      })
    } finally {
      await instance.stop()
      removeTestFolder(dataFolder)
      limits.release()
    }
  })
}

/** Starts an instance once to turn on the counting of statements, which needs a restart of Postgres. */
async function prepareFolder(settings: Record<string, string>): Promise<string> {
  const instance: TestInstance = await startInstance(settings)
  try {
    await instance.printed('ready on')
    await withClient(realDatabaseUrl(instance.dataFolder), (client) =>
      client.query(`alter system set shared_preload_libraries = 'pg_stat_statements'`),
    )
  } catch (error) {
    await instance.stop()
    removeTestFolder(instance.dataFolder)
    throw error
  }
  await instance.stop()
  return instance.dataFolder
}

interface Limits {
  /** For the report. */
  description: string
  /** Call it after all processes have ended. */
  release(): void
}

const CORE = 0

/** Call it right after the process has started: its existing child processes are not limited. */
function limitProcess(pid: number, { megabytes, name }: { megabytes: number; name: string }): Limits {
  const core = pinToCore(pid, CORE) ? 'limited to one core by taskset' : 'not limited to one core (taskset is missing)'
  const group = limitMemory(pid, { megabytes, name })
  const memory = group
    ? `and to ${megabytes} MB by a control group, including cached files`
    : 'and its memory is measured but not limited (control groups can not be created here)'
  return { description: `${core} ${memory}`, release: () => group?.release() }
}

/** Moves another process away from the limited core. */
function moveToOtherCore(pid: number): void {
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

/** The folder and the name of the limit, by version of control groups. */
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

function remove(group: string): void {
  try {
    if (existsSync(group)) rmdirSync(group)
  } catch (error) {
    console.error(`The control group ${group} wasn't removed: ${messageOf(error)}`)
  }
}
