import { gzipSync } from 'node:zlib'
import { withClient } from '#scripts/postgres.ts'
import { realDatabaseUrl } from '#testing/instances/real-instance.ts'
import { signIn, Visitor } from '#testing/instances/visitor.ts'
import type { Figure, Part } from './figure.ts'
import { LISTENER, waitForNewestRun, withInstance, withSimulator } from './instances.ts'
import { quantile, timed } from './timing.ts'

const REQUESTS = 200
const CHART = '/api/charts/top-tracks?range=medium'
const PUBLIC_PAGES = ['/', '/sign-in', '/privacy']
const PAGES = ['/overview', '/top/tracks', '/top/artists', '/runs', '/connections', '/settings', '/admin', '/setup']
const MAX_SCRIPTS_KB = 250

/** @param before runs before each question and is not measured */
async function requestRepeatedly(visitor: Visitor, before: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  for (let ask = 0; ask < REQUESTS; ask++) {
    await before()
    times.push(
      await timed(async () => {
        const answer = await visitor.request(CHART)
        if (!answer.ok) throw new Error(`${CHART} answered ${answer.status}`)
        await answer.text()
      }),
    )
  }
  return times
}

async function measureResponses(visitor: Visitor, databaseUrl: string): Promise<Figure[]> {
  const fresh = await withClient(databaseUrl, (client) =>
    requestRepeatedly(visitor, () => client.query('update "User" set "dataVersion" = "dataVersion" + 1')),
  )
  const again = await requestRepeatedly(visitor, async () => undefined)
  const how = `p95 of ${REQUESTS} requests one after the other over one connection, with session and gate.`
  return [
    {
      name: 'chart answer from DuckDB',
      value: quantile(fresh, 0.95),
      unit: 'ms',
      target: { atMost: 30 },
      baseline: `median ${quantile(fresh, 0.5).toFixed(1)} ms`,
      how: `${how} Before each one the data version of the listener is raised, so that no answer is kept from before.`,
    },
    {
      name: 'chart answer, repeated',
      value: quantile(again, 0.95),
      unit: 'ms',
      target: { atMost: 10 },
      baseline: `median ${quantile(again, 0.5).toFixed(1)} ms`,
      how,
    },
  ]
}

/** The scripts that a browser of today loads for a page: `nomodule` is for browsers that know no modules. */
async function scriptKilobytes(visitor: Visitor, page: string): Promise<number> {
  const answer = await visitor.request(page)
  const html = await answer.text()
  if (answer.status !== 200) throw new Error(`${page} answered ${answer.status}`)
  const tags = html.match(/<script\b[^>]*>/g) ?? []
  const sources = tags.flatMap((tag) => (/\bnomodule\b/i.test(tag) ? [] : (/\bsrc="([^"]+)"/.exec(tag)?.[1] ?? [])))
  let bytes = 0
  for (const source of new Set(sources)) {
    const script = await visitor.request(source.replaceAll('&amp;', '&'))
    bytes += gzipSync(Buffer.from(await script.arrayBuffer())).length
  }
  return bytes / 1000
}

async function measureScripts(visitor: Visitor, pages: string[]): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const page of pages) {
    figures.push({
      name: `scripts of ${page}`,
      value: await scriptKilobytes(visitor, page),
      unit: 'kB',
      target: { atMost: MAX_SCRIPTS_KB },
      how: 'Sum of every <script src> of the page’s HTML, each gzipped by itself, without those marked nomodule.',
    })
  }
  return figures
}

export const chartsPart: Part = {
  title: 'Chart answers and pages',
  measure: () =>
    withSimulator(0, (simulator) =>
      withInstance(simulator, {}, async ({ origin, dataFolder }) => {
        const visitor = new Visitor(origin)
        const open = await measureScripts(visitor, PUBLIC_PAGES)
        await signIn(visitor, LISTENER)
        await waitForNewestRun(visitor)
        const answers = await measureResponses(visitor, realDatabaseUrl(dataFolder))
        return [...answers, ...open, ...(await measureScripts(visitor, PAGES))]
      }),
    ),
}
