import { z } from 'zod'
import { request } from './client.ts'
import { malformed } from './failures.ts'

/** The exports that the simulated Spotify offers to the demo. The real one sends them by email. */

const DEADLINE_MS = 30_000

const Listeners = z.object({ listeners: z.array(z.string()).max(1_000) })
const Page = z.object({ pages: z.int().max(10_000), rows: z.array(z.unknown()) })

const Charts = z.object({
  files: z
    .array(
      z.object({ name: z.string(), rows: z.array(z.record(z.string(), z.union([z.string(), z.number()]))).max(1_000) }),
    )
    .max(100),
})
type ChartFile = z.infer<typeof Charts>['files'][number]

/** The Spotify user ids that have an export. @param origin of the simulated Spotify */
export async function listenersWithExport(origin: string): Promise<string[]> {
  return (await get(`${origin}/exports`, Listeners)).listeners
}

/** A listener's plays before an instant, a page of rows at a time, oldest first. */
export async function* exportedRows(origin: string, listener: string, before: Date): AsyncGenerator<unknown[]> {
  for (let page = 0, pages = 1; page < pages; page++) {
    const query = new URLSearchParams({ page: String(page), before: before.toISOString() })
    const part = await get(`${origin}/exports/${encodeURIComponent(listener)}?${query}`, Page)
    yield part.rows
    pages = part.pages
  }
}

/** The files of charts that a listener downloaded before an instant. Rows have the columns of the files. */
export async function downloadedCharts(origin: string, listener: string, before: Date): Promise<ChartFile[]> {
  const query = new URLSearchParams({ before: before.toISOString() })
  return (await get(`${origin}/exports/${encodeURIComponent(listener)}/charts?${query}`, Charts)).files
}

async function get<Shape extends z.ZodType>(address: string, shape: Shape): Promise<z.infer<Shape>> {
  const { status, text } = await request(new URL(address), { signal: AbortSignal.timeout(DEADLINE_MS) })
  try {
    if (status === 200) return shape.parse(JSON.parse(text))
  } catch (cause) {
    throw malformed('an export came in an unexpected format', cause, { endpoint: '/exports' })
  }
  throw malformed(`an export came with status ${status}`, undefined, { endpoint: '/exports' })
}
