import { z } from 'zod'
import { eventually } from '../../inngest/engine/testing/bed.ts'
import { MINUTE, pause } from '../../lib/clock.ts'
import { removeTestFolder, startInstance, type TestInstance } from '../testing/instance.ts'
import { realSettings } from '../testing/real-instance.ts'
import type { Visitor } from '../testing/visitor.ts'
import { type SimulatorProcess, startSimulatorProcess } from './simulator-process.ts'

/** The listener of ten years, with about 10,000 saved tracks and 60 playlists. */
export const LISTENER = 'juniper-lake'

const LOOK_EVERY_MS = 100

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

/** A new instance in real mode that is ready; its data goes with it. */
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

const Runs = z.object({
  runs: z.array(z.object({ id: z.string(), state: z.string(), endedAt: z.string().nullable() })),
})

/** Waits until the newest run has ended. @throws when it failed */
export async function newestRunEnds(visitor: Visitor): Promise<void> {
  const state = await eventually(async () => {
    await pause(LOOK_EVERY_MS) // asking all the time would slow down what is measured
    const { runs } = await visitor.json('/api/runs?limit=1', Runs)
    return runs[0]?.endedAt ? runs[0].state : undefined
  }, 5 * MINUTE)
  if (state === 'failed') throw new Error('The run failed; nothing can be measured.')
}

const Run = z.object({ streams: z.array(z.object({ stream: z.string(), state: z.string() })) })

/** Runs the streams of the newest run again: "Run now" leaves out what was read a moment ago. */
export async function runAgain(visitor: Visitor): Promise<void> {
  const { runs } = await visitor.json('/api/runs?limit=1', Runs)
  const address = `/api/runs/${runs[0]?.id}`
  const { streams } = await visitor.json(address, Run)
  const had = streams.filter(({ state }) => state !== 'skipped').map(({ stream }) => stream)
  await visitor.ask(`${address}/rerun`, { method: 'POST', json: { streams: had } })
  await newestRunEnds(visitor)
}
