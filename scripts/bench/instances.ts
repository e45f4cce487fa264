import { z } from 'zod'
import { MINUTE, pause } from '#lib/core/clock.ts'
import { eventually } from '#testing/eventually.ts'
import { removeTestFolder, startInstance, type TestInstance } from '#testing/instances/instance.ts'
import { realSettings } from '#testing/instances/real-instance.ts'
import type { Visitor } from '#testing/instances/visitor.ts'
import { type SimulatorProcess, startSimulatorProcess } from './simulator-process.ts'

/** The simulated listener with ten years of plays, about 10,000 liked songs and 60 playlists. */
export const LISTENER = 'juniper-lake'

const POLL_EVERY_MS = 100

export async function withSimulator<T>(
  latencyMs: number,
  work: (simulator: SimulatorProcess) => Promise<T>,
): Promise<T> {
  const simulator = await startSimulatorProcess({ latencyMs })
  try {
    return await work(simulator)
  } finally {
    await simulator.stop()
  }
}

/** Runs `work` with a new instance in real mode, and deletes its data afterwards. */
export async function withInstance<T>(
  simulator: SimulatorProcess,
  settings: Record<string, string>,
  work: (instance: TestInstance) => Promise<T>,
): Promise<T> {
  const instance = await startInstance({ ...realSettings(simulator.url), ...settings })
  try {
    await instance.printed('ready on')
    return await work(instance)
  } finally {
    await instance.stop()
    removeTestFolder(instance.dataFolder)
  }
}

const Run = z.object({ id: z.string(), kind: z.string(), state: z.string(), endedAt: z.string().nullable() })
const Runs = z.object({ runs: z.array(Run) })
const Streams = z.object({ streams: z.array(z.object({ stream: z.string(), state: z.string() })) })
const RUNS_LIMIT = 20

/** The newest run that reads from Spotify; loads into an external warehouse are runs too. */
async function newestExtract(visitor: Visitor): Promise<z.infer<typeof Run> | undefined> {
  const { runs } = await visitor.json(`/api/runs?limit=${RUNS_LIMIT}`, Runs)
  return runs.find(({ kind }) => kind === 'extract')
}

/** Waits until the newest extract has ended. @throws when it failed */
export async function waitForNewestRun(visitor: Visitor): Promise<void> {
  const { state } = await eventually(async () => {
    await pause(POLL_EVERY_MS) // faster polling would slow down what is measured
    const run = await newestExtract(visitor)
    return run?.endedAt ? run : undefined
  }, 5 * MINUTE)
  if (state === 'failed') throw new Error("The run failed, so it can't be measured.")
}

/** Runs the streams of the newest extract again. "Sync now" would skip recently read streams. */
export async function runAgain(visitor: Visitor): Promise<void> {
  const address = `/api/runs/${(await newestExtract(visitor))?.id}`
  const { streams } = await visitor.json(address, Streams)
  const names = streams.filter(({ state }) => state !== 'skipped').map(({ stream }) => stream)
  const response = await visitor.request(`${address}/rerun`, { method: 'POST', json: { streams: names } })
  if (!response.ok) throw new Error(`The run couldn't be started again: ${await response.text()}`)
  await waitForNewestRun(visitor)
}
