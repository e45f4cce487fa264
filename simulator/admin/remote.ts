import { z } from 'zod'
import type { Row } from '#lib/core/table.ts'
import type { SimulatorSettings } from './settings.ts'

/** How tests control a simulated Spotify whose admin address is open, over HTTP. */
export interface RemoteSimulator {
  configure(settings: SimulatorSettings): Promise<unknown>
  /** The rows that a table should hold. */
  expected(listener: string, subject: string, query?: Record<string, string>): Promise<Row[]>
  stats(): Promise<Stats>
}

const Stats = z.object({
  requests: z.record(z.string(), z.number()),
  statuses: z.record(z.string(), z.number()),
  maxInFlight: z.record(z.string(), z.number()),
  tooMany: z.number(),
})
export type Stats = z.infer<typeof Stats>

const ExpectedPage = z.object({ items: z.array(z.record(z.string(), z.json())), next: z.number().nullable() })

/** @param url origin of the simulation */
export function remoteSimulator(url: string): RemoteSimulator {
  return {
    async configure(settings) {
      const response = await fetch(`${url}/admin`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(settings),
      })
      if (!response.ok) throw new Error(`The simulated Spotify rejected a setting: ${await response.text()}`)
      return response.json()
    },
    async expected(listener, subject, query = {}) {
      const items: Row[] = []
      for (let offset: number | null = 0; offset !== null; ) {
        const params = new URLSearchParams({ ...query, offset: String(offset) })
        const response = await fetch(`${url}/admin/expected/${listener}/${subject}?${params}`)
        const page: z.infer<typeof ExpectedPage> = ExpectedPage.parse(await response.json())
        items.push(...page.items)
        offset = page.next
      }
      return items
    },
    stats: async () => Stats.parse(await (await fetch(`${url}/admin/stats`)).json()),
  }
}
