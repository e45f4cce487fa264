import { withSimulator } from '#scripts/bench/instances.ts'
import { withClient } from '#scripts/postgres.ts'
import { removeTestFolder, startInstance, type TestInstance } from '#testing/instances/instance.ts'
import { realDatabaseUrl, realSettings } from '#testing/instances/real-instance.ts'
import { limitProcess, useOtherCore } from './bounds.ts'
import type { BenchInstance } from './stage.ts'

/** An instance that is held on one core and in some memory, and whose database counts its statements. */
export async function withLimitedInstance<T>(
  { latencyMs, megabytes, settings }: { latencyMs: number; megabytes: number; settings: Record<string, string> },
  work: (stand: BenchInstance & { held: string }) => Promise<T>,
): Promise<T> {
  return withSimulator(latencyMs, async (simulator) => {
    const given = { ...realSettings(simulator.url), ...settings }
    const dataFolder = await prepareFolder(given)
    const instance = await startInstance({ ...given, DATA_DIR: dataFolder })
    const bounds = limitProcess(instance.process.pid ?? 0, { megabytes, name: `tracklake-bench-${process.pid}` })
    try {
      useOtherCore(simulator.pid)
      await instance.printed('ready on')
      return await withClient(realDatabaseUrl(dataFolder), async (client) => {
        await client.query('create extension if not exists pg_stat_statements')
        return work({ instance, simulator, client, held: bounds.description })
      })
    } finally {
      await instance.stop()
      removeTestFolder(dataFolder)
      bounds.release()
    }
  })
}

/** Counting statements is switched on by a file that the server reads when it starts, so the server is started before. */
async function prepareFolder(settings: Record<string, string>): Promise<string> {
  const instance: TestInstance = await startInstance(settings)
  try {
    await instance.printed('ready on')
    await withClient(realDatabaseUrl(instance.dataFolder), (client) =>
      client.query(`alter system set shared_preload_libraries = 'pg_stat_statements'`),
    )
  } catch (problem) {
    await instance.stop()
    removeTestFolder(instance.dataFolder)
    throw problem
  }
  await instance.stop()
  return instance.dataFolder
}
