import { pause, SECOND } from '#lib/core/clock.ts'
import { removeTestFolder, startInstance, type TestInstance } from '#testing/instances/instance.ts'
import { processOf } from '#testing/instances/real-instance.ts'
import { residentMb, type Shot, storm } from '#testing/instances/storm.ts'
import { inspect } from '#testing/soak/inspector.ts'
import type { Figure, Part } from './figure.ts'

const KB = 1024
const MB = 1024 * KB

const HOW =
  'Anonymous POST requests to /api/setup, all at once, each over its own connection, with Content-Length or chunked. The sender is on the same machine.'

interface Storm {
  name: string
  count: number
  shot: Shot
}

const STORMS: Storm[] = [
  { name: '300 bodies of 70 kB', count: 300, shot: { path: '/api/setup', bytes: 70 * KB } },
  { name: '300 chunked bodies of 70 kB', count: 300, shot: { path: '/api/setup', bytes: 70 * KB, isChunked: true } },
  { name: '40 bodies of 9 MB', count: 40, shot: { path: '/api/setup', bytes: 9 * MB } },
  { name: '40 chunked bodies of 9 MB', count: 40, shot: { path: '/api/setup', bytes: 9 * MB, isChunked: true } },
]

const HEALTH_EVERY_MS = 50

/** Polls the health of the instance. @returns a function that stops and returns the slowest response in ms */
function watchHealth(origin: string): () => Promise<number> {
  let isOver = false
  let slowest = 0
  const watching = (async () => {
    while (!isOver) {
      const start = performance.now()
      const response = await fetch(`${origin}/api/health`)
      await response.text()
      if (!response.ok) throw new Error(`/api/health returned ${response.status}`)
      slowest = Math.max(slowest, performance.now() - start)
      await pause(HEALTH_EVERY_MS)
    }
  })()
  return async () => {
    isOver = true
    await watching
    return slowest
  }
}

async function measureStorm(instance: TestInstance, { name, count, shot }: Storm): Promise<Figure[]> {
  const stop = watchHealth(instance.origin)
  const { statuses, slowestMs } = await storm(instance.origin, count, shot)
  const health = await stop()
  const refused = statuses.filter((status) => status === 413).length
  return [
    {
      name: `${name}: the last response`,
      value: slowestMs / SECOND,
      unit: 's',
      target: { atMost: 5 },
      baseline: `${refused} of ${count} refused with 413`,
      how: HOW,
    },
    { name: `${name}: /api/health meanwhile`, value: health, unit: 'ms', target: { atMost: 500 }, how: HOW },
  ]
}

const ORDINARY = ['/', '/sign-in', '/setup', '/guide', '/api/health', '/api/setup', '/nothing']
const ORDINARY_ROUNDS = 50

/** Warms the process up: ordinary requests make it compile and allocate what any use does. */
async function warmUp(origin: string): Promise<void> {
  for (let round = 0; round < ORDINARY_ROUNDS; round++) {
    for (const path of ORDINARY) await fetch(origin + path).then((response) => response.text())
  }
}

const SETTLE_MS = 10 * SECOND

export const requestsPart: Part = {
  title: 'Many large requests from strangers',
  async measure() {
    const instance = await startInstance()
    try {
      await instance.printed('ready on')
      await warmUp(instance.origin)
      const pid = processOf(instance.dataFolder, 'web') ?? 0
      const inspector = await inspect(pid)
      const memory = async () => {
        await pause(SETTLE_MS)
        await inspector.memory()
        return residentMb(pid)
      }
      const before = await memory()
      const figures: Figure[] = []
      for (const one of STORMS) figures.push(...(await measureStorm(instance, one)))
      const peak = residentMb(pid)
      const after = await memory()
      inspector.close()
      return [
        ...figures,
        {
          name: 'memory of the web process afterwards',
          value: after - before,
          unit: 'MB',
          target: { atMost: 30 },
          baseline: `${before.toFixed(0)} MB before, ${peak.toFixed(0)} MB right after`,
          how: `Resident memory ${SETTLE_MS / SECOND} s after all of them, compared with before, when it had handled ${ORDINARY.length * ORDINARY_ROUNDS} ordinary requests. Garbage was collected before both measurements.`,
        },
      ]
    } finally {
      await instance.stop()
      removeTestFolder(instance.dataFolder)
    }
  },
}
