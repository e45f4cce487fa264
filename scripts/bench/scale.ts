import { now, utcDay } from '#lib/core/clock.ts'
import type { Part } from './figure.ts'
import { openFilesOf, watchMemory } from './scale/cost.ts'
import { figures } from './scale/figures.ts'
import { withLimitedInstance } from './scale/limited-instance.ts'
import type { Measured, Stage } from './scale/measured.ts'
import { type BenchInstance, connect, pollEveryone, runNextDay } from './scale/stage.ts'

const LATENCY_MS = 20
const MEGABYTES = 1024
/** The default. */
const POOL_SLOTS = '2'
/** Takes 45 minutes; for a few minutes use SCALE_LISTENERS=100 npm run bench -- scale */
const MAX_LISTENERS = Number(process.env.SCALE_LISTENERS ?? 1_000)
const SIZES = { few: MAX_LISTENERS / 10, household: MAX_LISTENERS / 5, many: MAX_LISTENERS }
const ROUNDS = 2

async function runStage(bench: BenchInstance, before: number, listeners: number): Promise<Stage> {
  const memory = watchMemory(bench.instance)
  const connected = await connect(bench, before + 1, listeners)
  const rounds = []
  for (let index = 0; index < ROUNDS; index++) rounds.push(await pollEveryone(bench, listeners))
  return { listeners, connected, rounds, memory: memory(), openFiles: openFilesOf(bench.instance) }
}

function measure(): Promise<Measured> {
  // The shortest interval, so that the bench doesn't wait for ticks.
  const settings = { PLAN_EVERY: '1m', POOL_SLOTS }
  return withLimitedInstance({ latencyMs: LATENCY_MS, megabytes: MEGABYTES, settings }, async (bench) => {
    // In the afternoon the simulated listeners are awake.
    await bench.simulator.configure({ clock: { set: `${utcDay(now())}T14:00:00.000Z` } })
    const few = await runStage(bench, 0, SIZES.few)
    const nextDay = await runNextDay(bench, SIZES.few)
    const household = await runStage(bench, SIZES.few, SIZES.household)
    const many = await runStage(bench, SIZES.household, SIZES.many)
    return { few, nextDay, household, many, limits: bench.limits }
  })
}

export const scalePart: Part = {
  title: `Many listeners, each with their own Spotify app, ${LATENCY_MS} ms latency, POOL_SLOTS=${POOL_SLOTS}`,
  measure: async () => figures(await measure()),
}
