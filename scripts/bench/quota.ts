import { z } from 'zod'
import { HOUR, MINUTE, pause, SECOND } from '#lib/core/clock.ts'
import { withClient } from '#scripts/postgres.ts'
import { eventually } from '#testing/eventually.ts'
import type { TestInstance } from '#testing/instances/instance.ts'
import { realDatabaseUrl } from '#testing/instances/real-instance.ts'
import { signIn, Visitor } from '#testing/instances/visitor.ts'
import type { Figure, Part } from './figure.ts'
import { withInstance, withSimulator } from './instances.ts'
import type { SimulatorProcess } from './simulator-process.ts'

const LATENCY_MS = 20
const BLOCKED_HOURS = 20
const PLAYS = 'user_recently_played_stream'

const ADMIN = 'load-1'
const BLOCKED = 'load-2'
const OTHERS = ['load-3', 'load-4', 'load-5', 'load-6', 'load-7']
/** Turns of the two conditions, first the one, then the other first: what else changes meanwhile meets both. */
const REPEATS = 10
const ROUNDS = 4
const POLL_EVERY_MS = 100 // asking all the time would slow down what is measured

const Run = z.object({ id: z.string(), state: z.string(), queuedAt: z.string(), endedAt: z.string().nullable() })
const Runs = z.object({ runs: z.array(Run) })

interface Bench {
  admin: Visitor
  /** The first run of each listener, which is run again and again. */
  first: Map<string, string>
}

/** Signs everybody in; each listener but the admin gets a Spotify app of a developer of their own. */
async function prepare({ origin, dataFolder }: TestInstance): Promise<Bench> {
  const first = new Map<string, string>()
  const admin = new Visitor(origin)
  for (const listener of [ADMIN, BLOCKED, ...OTHERS]) {
    const visitor = listener === ADMIN ? admin : new Visitor(origin)
    await signIn(visitor, listener)
    const { runs } = await visitor.json('/api/runs', Runs)
    const runId = runs[0]?.id ?? ''
    await visitor.request(`/api/runs/${runId}/cancel`, { method: 'POST' })
    first.set(listener, runId)
  }
  await withClient(realDatabaseUrl(dataFolder), async (client) => {
    await client.query(`insert into "SpotifyApp" (id, "clientId", "clientSecret", "developerAccount")
      select 'app-of-' || a.id, 'app-of-' || a.id, app."clientSecret", 'developer-' || a.id
      from "Account" a join "SpotifyApp" app on app.id = a."spotifyAppId"`)
    await client.query(`update "Account" set "spotifyAppId" = 'app-of-' || id`)
  })
  return { admin, first }
}

async function rerun({ admin, first }: Bench, listener: string, streams?: string[]): Promise<string> {
  const answer = await admin.request(`/api/runs/${first.get(listener)}/rerun`, {
    method: 'POST',
    json: streams ? { streams } : {},
  })
  if (!answer.ok) throw new Error(`The run of ${listener} could not be ordered: ${await answer.text()}`)
  return z.object({ id: z.string() }).parse(await answer.json()).id
}

/** Waits until a run is as it should be. */
function waitForRun({ admin }: Bench, id: string, wanted: (run: z.infer<typeof Run>) => boolean) {
  return eventually(async () => {
    const run = await admin.json(`/api/runs/${id}`, Run)
    if (wanted(run)) return run
    await pause(POLL_EVERY_MS)
    return undefined
  }, MINUTE)
}

/** One look at recently played for each of the others, all asked at once. @returns milliseconds to their ends */
async function round(bench: Bench): Promise<number[]> {
  const ids = await Promise.all(OTHERS.map((listener) => rerun(bench, listener, [PLAYS])))
  const ended = await Promise.all(ids.map((id) => waitForRun(bench, id, ({ endedAt }) => endedAt !== null)))
  return ended.map(({ queuedAt, endedAt, state }) => {
    if (state === 'failed') throw new Error('A look at recently played failed; nothing can be measured.')
    return Date.parse(endedAt ?? '') - Date.parse(queuedAt)
  })
}

async function rounds(bench: Bench): Promise<number[]> {
  const delays: number[] = []
  for (let done = 0; done < ROUNDS; done++) delays.push(...(await round(bench)))
  return delays
}

/** The same while everything of the blocked listener waits. */
async function whileBlocked(bench: Bench): Promise<number[]> {
  const blocked = await rerun(bench, BLOCKED)
  await waitForRun(bench, blocked, ({ state }) => state === 'waiting')
  const delays = await rounds(bench)
  await bench.admin.request(`/api/runs/${blocked}/cancel`, { method: 'POST' })
  return delays
}

function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

async function measure(simulator: SimulatorProcess): Promise<Figure[]> {
  return withInstance(simulator, {}, async (instance) => {
    const bench = await prepare(instance)
    const fault = { kind: 'quota' as const, retryAfter: (BLOCKED_HOURS * HOUR) / SECOND }
    await simulator.configure({ faults: [{ match: { path: '/v1/', listener: BLOCKED }, times: 100_000, fault }] })
    await rounds(bench)
    const free: number[] = []
    const beside: number[] = []
    for (let turn = 0; turn < REPEATS; turn++) {
      if (turn % 2 === 0) free.push(...(await rounds(bench)))
      beside.push(...(await whileBlocked(bench)))
      if (turn % 2 === 1) free.push(...(await rounds(bench)))
    }
    return figures(median(free), median(beside), free.length)
  })
}

function figures(free: number, beside: number, looks: number): Figure[] {
  return [
    {
      name: 'delay of the others while one listener is blocked',
      value: (beside / free - 1) * 100,
      unit: '%',
      target: { atMost: 5 },
      baseline: `median ${beside} ms against ${free} ms`,
      how: `${OTHERS.length} listeners are asked for recently played at once, again and again, from the order to the end of the run; ${looks} looks while nobody is blocked and as many while all streams of one listener wait for ${BLOCKED_HOURS} hours, in ${REPEATS} turns. Everybody has a Spotify app of their own.`,
    },
  ]
}

export const quotaPart: Part = {
  title: `One listener blocked for ${BLOCKED_HOURS} hours, ${LATENCY_MS} ms latency`,
  measure: () => withSimulator(LATENCY_MS, measure),
}
