import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { MINUTE, pause, SECOND } from '#lib/core/clock.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { extendedMembers, extendedRow, madePlays } from '#testing/exports/spotify.ts'
import { writeZip } from '#testing/exports/zip.ts'
import type { TestInstance } from '#testing/instances/instance.ts'
import { signIn, Visitor } from '#testing/instances/visitor.ts'
import { sizeOf } from '#testing/models/history.ts'
import type { Figure, Part } from './figure.ts'
import { waitForNewestRun, withInstance, withSimulator } from './instances.ts'
import { memoryOf, totalOf } from './process-tree.ts'
import type { SimulatorProcess } from './simulator-process.ts'
import { quantile, timed } from './timing.ts'

/** A listener with few plays of their own, so that the import is most of what is there. */
const LISTENER = 'load-1'
const LIMIT_MS = 10 * MINUTE
const POLL_EVERY_MS = 100
const USUAL_REQUESTS = 60
const CHART = '/api/charts/top-songs?period=all'

const Imports = z.object({
  imports: z.array(
    z.object({
      id: z.string(),
      state: z.string(),
      new: z.number(),
      duplicate: z.number(),
      problem: z.string().nullable(),
    }),
  ),
})
type Import = z.infer<typeof Imports>['imports'][number]

function* rowsOf(plays: number) {
  for (const play of madePlays({ plays })) yield extendedRow(play)
}

class Importer {
  readonly visitor: Visitor
  readonly #instance: TestInstance

  constructor(instance: TestInstance) {
    this.#instance = instance
    this.visitor = new Visitor(instance.origin)
  }

  /** The memory of all processes in MB; 0 where it isn't known. */
  memory(): number {
    return totalOf(memoryOf(this.#instance.process.pid ?? 0) ?? new Map())
  }

  /** @returns an import once it has ended in `state` */
  async ended(id: string, state: string, sample: () => Promise<unknown> = async () => undefined): Promise<Import> {
    for (const deadline = Date.now() + LIMIT_MS; Date.now() < deadline; ) {
      const { imports } = await this.visitor.json('/api/imports', Imports)
      const found = imports.find((one) => one.id === id)
      if (found?.state === state) return found
      if (found && ['failed', 'needs-answer'].includes(found.state))
        throw new Error(`It is ${found.state}: ${found.problem}`)
      await sample()
      await pause(POLL_EVERY_MS)
    }
    throw new Error('The import did not end in time.')
  }

  /** Uploads a zip, and waits until its plays are in the charts. */
  async import(path: string, sample?: () => Promise<unknown>): Promise<{ seconds: number; found: Import }> {
    const form = new FormData()
    form.append('files', new Blob([readFileSync(path)]), 'my_spotify_data.zip')
    let found: Import | undefined
    const ms = await timed(async () => {
      const headers = { cookie: this.visitor.cookie }
      const response = await fetch(new URL('/api/imports', this.visitor.origin), {
        method: 'POST',
        body: form,
        headers,
      })
      if (response.status !== 202) throw new Error(`The upload was refused: ${await response.text()}`)
      const { id } = z.object({ id: z.string() }).parse(await response.json())
      found = await this.ended(id, 'done', sample)
    })
    if (!found) throw new Error('There is no import.')
    return { seconds: ms / SECOND, found }
  }

  async undo(id: string): Promise<number> {
    const ms = await timed(async () => {
      await this.visitor.request(`/api/imports/${id}/undo`, { method: 'POST', json: {} })
      await this.ended(id, 'undone')
    })
    return ms / SECOND
  }

  /** How long a chart takes that no cache has. */
  chart = (): Promise<number> =>
    timed(async () => {
      const response = await this.visitor.request(`${CHART}&search=${Math.random().toString(36).slice(2)}`)
      if (!response.ok) throw new Error(`${CHART} returned HTTP ${response.status}`)
      await response.text()
    })
}

/** 140,000 plays: how long it takes, the same again, and its undo. */
async function measureTime(
  instance: TestInstance,
  simulator: SimulatorProcess,
  zip: string,
  plays: number,
): Promise<Figure[]> {
  const importer = new Importer(instance)
  await signIn(importer.visitor, LISTENER)
  await waitForNewestRun(importer.visitor)
  const before = (await simulator.count()).total
  const first = await importer.import(zip)
  const requests = (await simulator.count()).total - before
  const again = await importer.import(zip)
  await importer.undo(again.found.id)
  const seconds = await importer.undo(first.found.id)
  const what = `${plays.toLocaleString('en')} plays`
  const how = `A synthetic extended history of 12 years in a zip, uploaded by a listener who has synced before, until their charts show it.`
  return [
    {
      name: `import of ${what}`,
      value: first.seconds,
      unit: 's',
      target: { atMost: 60 },
      baseline: `${first.found.new.toLocaleString('en')} new`,
      how,
    },
    { name: `requests to Spotify for it`, value: requests, unit: 'requests', target: { atMost: 0 }, how },
    {
      name: 'the same again',
      value: again.seconds / first.seconds,
      unit: '×',
      target: { atMost: 1 / 3 },
      baseline: `${again.seconds.toFixed(1)} s, ${again.found.new} new`,
      how: `${how} Compared with the first time.`,
    },
    {
      name: `undo of ${what}`,
      value: seconds,
      unit: 's',
      target: { atMost: 20 },
      how: 'From the button until their charts are without it.',
    },
  ]
}

/** 1,000,000 plays: memory of all processes, charts meanwhile, and the size of the file. */
async function measureSize(instance: TestInstance, zip: string, plays: number): Promise<Figure[]> {
  const importer = new Importer(instance)
  await signIn(importer.visitor, LISTENER)
  await waitForNewestRun(importer.visitor)
  const usual: number[] = []
  for (let request = 0; request < USUAL_REQUESTS; request++) usual.push(await importer.chart())
  const idle = importer.memory()
  let peak = 0
  const meanwhile: number[] = []
  const { seconds } = await importer.import(zip, async () => {
    peak = Math.max(peak, importer.memory())
    meanwhile.push(await importer.chart())
  })
  const what = `${plays.toLocaleString('en')} plays`
  const how = `As above, with ${what}.`
  return [
    { name: `import of ${what}`, value: seconds, unit: 's', how },
    {
      name: `memory for ${what}`,
      value: peak - idle,
      unit: 'MB',
      target: { atMost: 512 },
      baseline: `${idle.toFixed(0)} MB before, ${peak.toFixed(0)} MB at most`,
      how: `${how} All processes of the instance together, Postgres included, sampled every 100 ms.`,
    },
    {
      name: 'charts meanwhile',
      value: quantile(meanwhile, 0.95) / quantile(usual, 0.95),
      unit: '×',
      target: { atMost: 2 },
      baseline: `p95 of ${meanwhile.length} requests ${quantile(meanwhile, 0.95).toFixed(0)} ms, before ${quantile(usual, 0.95).toFixed(0)} ms`,
      how: `${how} An uncached chart every 100 ms, one after the other.`,
    },
  ]
}

/** @returns used bytes of the listener's file for each play, once the instance has stopped */
async function bytesPerPlay(instance: TestInstance, plays: number): Promise<Figure> {
  await instance.stop()
  const [file = ''] = globSync('real/warehouses/*.duckdb', { cwd: instance.dataFolder })
  const warehouse = await openDuckdb(join(instance.dataFolder, file))
  const { used } = await sizeOf(warehouse)
  await warehouse.close()
  return {
    name: 'bytes a play',
    value: used / plays,
    unit: 'bytes',
    target: { atMost: 120 },
    how: 'Used blocks of the listener’s file after the import of 1,000,000 plays, raw tables and models.',
  }
}

async function measure(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tracklake-bench-'))
  try {
    const [small, large] = [140_000, 1_000_000].map((plays) => ({ plays, path: join(folder, `${plays}.zip`) }))
    if (!small || !large) return []
    for (const { plays, path } of [small, large]) writeZip(path, extendedMembers(rowsOf(plays)))
    return await withSimulator(0, async (simulator) => {
      const figures = await withInstance(simulator, {}, (instance) =>
        measureTime(instance, simulator, small.path, small.plays),
      )
      const sizes = await withInstance(simulator, {}, async (instance) => [
        ...(await measureSize(instance, large.path, large.plays)),
        await bytesPerPlay(instance, large.plays),
      ])
      return [...figures, ...sizes]
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export const importPart: Part = { title: 'Imports of whole histories', measure }
