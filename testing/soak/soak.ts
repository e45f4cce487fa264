import { readdirSync } from 'node:fs'
import { MINUTE, pause, SECOND } from '#lib/core/clock.ts'
import { startSimulatorProcess } from '#scripts/bench/simulator-process.ts'
import { draws } from '#simulator/core/random.ts'
import { removeTestFolder, startInstance, type TestInstance } from '#testing/instances/instance.ts'
import { processOf, realSettings } from '#testing/instances/real-instance.ts'
import { residentMb } from '#testing/instances/storm.ts'
import { signIn, Visitor } from '#testing/instances/visitor.ts'
import { act, type Crowd } from './clients.ts'
import { type Inspector, inspect } from './inspector.ts'
import { growthOf, isFlat, type Series } from './trend.ts'

/** Uses a complete instance for a while, and looks whether its processes grow. Linux only: it reads /proc. */

const CLIENTS = 50
const LISTENERS = ['load-1', 'load-2', 'load-3']
/** Until caches are full and everything was compiled. */
const WARM_UP_SHARE = 0.25
const ROUNDS = 12
const MB = 1024 * 1024

/** Keeps a bit of every request, to see whether that is found. */
const LEAK = `{
  const kept = globalThis.kept = []
  const { Server } = process.getBuiltinModule('node:http')
  const { emit } = Server.prototype
  Server.prototype.emit = function (event, ...args) {
    if (event === 'request') kept.push(Buffer.alloc(2000).toString('hex') + kept.length)
    return emit.call(this, event, ...args)
  }
}`

interface Options {
  minutes: number
  seed: number
  plantLeak: boolean
}

/** @returns what was measured, to be judged by `isFlat` */
export async function soak({ minutes, seed, plantLeak }: Options): Promise<Series[]> {
  const simulator = await startSimulatorProcess({ latencyMs: 0 })
  const instance = await startInstance(realSettings(simulator.url))
  try {
    await instance.printed('ready on')
    const crowd = {
      origin: instance.origin,
      cookies: await Promise.all(LISTENERS.map((name) => cookieOf(instance, name))),
    }
    const inspector = await inspect(pidOf(instance, 'web'))
    const series = newSeries()
    const warmUpMs = minutes * MINUTE * WARM_UP_SHARE
    console.log(`warmed up with ${await actFor(crowd, warmUpMs, seed)} requests`)
    if (plantLeak) await inspector.evaluate(LEAK)
    for (let round = 1; round <= ROUNDS; round++) {
      const requests = await actFor(crowd, (minutes * MINUTE - warmUpMs) / ROUNDS, seed + round)
      await sample(series, instance, inspector)
      console.log(`round ${round} of ${ROUNDS}, ${requests} requests: ${latestOf(series)}`)
    }
    inspector.close()
    return Object.values(series)
  } finally {
    await instance.stop()
    await simulator.stop()
    removeTestFolder(instance.dataFolder)
  }
}

/** One line per series for the console. */
export function formatSeries(series: Series): string {
  const { name, unit, tolerance } = series
  const verdict = isFlat(series) ? 'flat' : 'GROWS'
  return `  ${verdict}: ${name} by ${growthOf(series).toFixed(1)} ${unit} (at most ${tolerance})`
}

async function cookieOf({ origin }: TestInstance, listener: string): Promise<string> {
  const visitor = new Visitor(origin)
  await signIn(visitor, listener)
  return visitor.cookie
}

/** Lets all clients act for a while, and waits until the last one has its response. @returns the number of requests */
async function actFor(crowd: Crowd, ms: number, seed: number): Promise<number> {
  const end = AbortSignal.timeout(Math.round(ms))
  const counts = await Promise.all(
    Array.from({ length: CLIENTS }, (_, client) => act(crowd, draws(seed * 1000 + client), end)),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

function newSeries() {
  const series = (name: string, unit: string, tolerance: number): Series => ({ name, unit, tolerance, samples: [] })
  return {
    heap: series('heap of the web process after garbage collection', 'MB', 6),
    external: series('memory of the web process outside of the heap, after garbage collection', 'MB', 6),
    resources: series('handles of the web process', '', 8),
    webFiles: series('open files and sockets of the web process', '', 8),
    webMemory: series('resident memory of the web process', 'MB', 60),
    engineFiles: series('open files and sockets of the engine', '', 8),
    engineMemory: series('resident memory of the engine', 'MB', 30),
  }
}

/** Connections that a request of before leaves open are closed by then. */
const SETTLE_MS = 6 * SECOND

async function sample(
  series: ReturnType<typeof newSeries>,
  instance: TestInstance,
  inspector: Inspector,
): Promise<void> {
  await pause(SETTLE_MS)
  const { heapUsed, external, resources } = await inspector.memory()
  series.heap.samples.push(heapUsed / MB)
  series.external.samples.push(external / MB)
  series.resources.samples.push(resources)
  series.webFiles.samples.push(filesOf(pidOf(instance, 'web')))
  series.webMemory.samples.push(residentMb(pidOf(instance, 'web')))
  series.engineFiles.samples.push(filesOf(pidOf(instance, 'engine')))
  series.engineMemory.samples.push(residentMb(pidOf(instance, 'engine')))
}

function latestOf(series: ReturnType<typeof newSeries>): string {
  return Object.entries(series)
    .map(([name, { samples }]) => `${name} ${samples.at(-1)?.toFixed(1)}`)
    .join(', ')
}

const filesOf = (pid: number) => readdirSync(`/proc/${pid}/fd`).length

/** @throws Error if the process isn't running, because a restarted one would start from the beginning */
function pidOf({ dataFolder }: TestInstance, name: 'web' | 'engine'): number {
  const pid = processOf(dataFolder, name)
  if (pid === undefined) throw new Error(`The ${name} process has ended.`)
  return pid
}
