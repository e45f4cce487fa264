import { now, utcDay } from '#lib/core/clock.ts'
import type { Part } from './figure.ts'
import { openFilesOf, watchMemory } from './scale/cost.ts'
import { figures } from './scale/figures.ts'
import { withLimitedInstance } from './scale/limited-instance.ts'
import type { Measured, Stage } from './scale/measured.ts'
import { type BenchInstance, connect, pollEveryone, runNextDay } from './scale/stage.ts'

const LATENCY_MS = 20
const MEGABYTES = 1024
/** As it is when nobody sets it. */
const POOL_SLOTS = '2'
/** It takes half an hour; with fewer of them a few minutes: SCALE_LISTENERS=100 npm run bench -- scale */
const MAX_LISTENERS = Number(process.env.SCALE_LISTENERS ?? 1_000)
const SIZES = { few: MAX_LISTENERS / 10, household: MAX_LISTENERS / 5, many: MAX_LISTENERS }
const ROUNDS = 2

async function runStage(stand: BenchInstance, before: number, listeners: number): Promise<Stage> {
  const memory = watchMemory(stand.instance)
  const connected = await connect(stand, before + 1, listeners)
  const turns = []
  for (let index = 0; index < ROUNDS; index++) turns.push(await pollEveryone(stand, listeners))
  return { listeners, connected, rounds: turns, memory: memory(), openFiles: openFilesOf(stand.instance) }
}

function measure(): Promise<Measured> {
  // The shortest pause between two ticks, so that the bench does not wait for them; it plans more often than usual.
  const settings = { PLAN_EVERY: '1m', POOL_SLOTS }
  return withLimitedInstance({ latencyMs: LATENCY_MS, megabytes: MEGABYTES, settings }, async (stand) => {
    // Invented listeners sleep too: afternoon is when they listen.
    await stand.simulator.configure({ clock: { set: `${utcDay(now())}T14:00:00.000Z` } })
    const few = await runStage(stand, 0, SIZES.few)
    const nextDay = await runNextDay(stand, SIZES.few)
    const household = await runStage(stand, SIZES.few, SIZES.household)
    const many = await runStage(stand, SIZES.household, SIZES.many)
    return { few, nextDay, household, many, held: stand.held }
  })
}

export const scalePart: Part = {
  title: `Many listeners, each with a Spotify app of their own, ${LATENCY_MS} ms latency, POOL_SLOTS=${POOL_SLOTS}`,
  measure: async () => figures(await measure()),
}
