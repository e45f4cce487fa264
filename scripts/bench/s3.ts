import { type S3Server, startS3Server } from '#lib/s3/testing/server.ts'
import { Visitor } from '#testing/instances/visitor.ts'
import { landingInS3 } from '#testing/s3/test-landing.ts'
import type { Figure, Part } from './figure.ts'
import { firstRun, nextDay } from './first-run.ts'
import { withInstance, withSimulator } from './instances.ts'
import type { SimulatorProcess } from './simulator-process.ts'

const SPOTIFY_LATENCY_MS = 80
const S3_LATENCY_MS = 20
/** In docs/scale.md; each that finds new plays stores one object. */
const POLLS_A_DAY = 39
const DAYS = 30
/** Dollars for 1,000 PUT, COPY or LIST and 1,000 GET in us-east-1 (https://aws.amazon.com/s3/pricing/). Deletions are free. */
const PRICE = { write: 0.005, read: 0.0004 }

/** Requests by price. */
interface Requests {
  write: number
  read: number
}

function takeRequests(server: S3Server): Requests {
  const counts = server.takeCounts()
  const sum = (...names: string[]) => names.reduce((all, name) => all + (counts[name] ?? 0), 0)
  return {
    write: sum('PutObject', 'CopyObject', 'ListObjectsV2', 'ListObjectVersions'),
    read: sum('GetObject', 'HeadObject', 'GetBucketVersioning'),
  }
}

const cost = ({ write, read }: Requests) => (write * PRICE.write + read * PRICE.read) / 1_000

async function measure(simulator: SimulatorProcess): Promise<Figure[]> {
  const inFolder = await withInstance(simulator, {}, (instance) => firstRun(instance, simulator))
  await simulator.configure({ reset: true })
  const server = await startS3Server()
  server.latencyMs = S3_LATENCY_MS
  try {
    return await withInstance(simulator, landingInS3(server), async (instance) => {
      const visitor = new Visitor(instance.origin)
      const inS3 = await firstRun(instance, simulator, { visitor })
      const first = takeRequests(server)
      await nextDay(visitor, simulator)
      return figuresOf({ folder: inFolder.complete, s3: inS3.complete }, first, takeRequests(server))
    })
  } finally {
    await server.stop()
  }
}

function figuresOf(seconds: { folder: number; s3: number }, first: Requests, day: Requests): Figure[] {
  // A poll writes a page, moves it once it is loaded, and reads it for the load.
  const month = {
    write: DAYS * (day.write + 2 * POLLS_A_DAY),
    read: DAYS * (day.read + POLLS_A_DAY),
  }
  return [
    {
      name: 'first run with the landing zone in S3, compared with a folder',
      value: seconds.s3 / seconds.folder,
      unit: '×',
      target: { atMost: 1.3 },
      baseline: `${seconds.s3.toFixed(1)} s, compared with ${seconds.folder.toFixed(1)} s`,
      how: `From pressing "Agree" to the end of the run, in separate instances. The S3 test server answers ${S3_LATENCY_MS} ms after each request.`,
    },
    {
      name: 'S3 requests of a first run',
      value: first.write + first.read,
      unit: 'requests',
      baseline: `${first.write} PUT, COPY and LIST, ${first.read} GET: $${cost(first).toFixed(4)}`,
      how: 'Counted by the test server, with those of planning.',
    },
    {
      name: 'S3 requests of a listener’s month',
      value: month.write + month.read,
      unit: 'requests',
      baseline: `${month.write} PUT, COPY and LIST, ${month.read} GET: $${cost(month).toFixed(4)}`,
      how: `The next day’s run was counted (${day.write} and ${day.read}); ${POLLS_A_DAY} polls a day that all find new plays are added, which is the most there can be.`,
    },
  ]
}

export const s3Part: Part = {
  title: `Landing zone in S3 with ${S3_LATENCY_MS} ms latency`,
  measure: () => withSimulator(SPOTIFY_LATENCY_MS, measure),
}
