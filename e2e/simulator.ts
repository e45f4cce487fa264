import { z } from 'zod'
import type { SimulatorSettings } from '#simulator/admin/settings.ts'
import { SIMULATOR } from './instance.ts'

/** Configures the simulated Spotify. Settings for one listener don't affect others. */
export async function configureSpotify(orders: SimulatorSettings): Promise<void> {
  const response = await fetch(`${SIMULATOR}/admin`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(orders),
  })
  if (!response.ok) throw new Error(`The simulated Spotify rejected a setting: ${await response.text()}`)
}

const Stats = z.object({ requests: z.record(z.string(), z.number()) })

/** The app's requests to Spotify since the start, without pages and pictures that browsers load. */
export async function requestCounts(): Promise<Record<string, number>> {
  const { requests } = Stats.parse(await (await fetch(`${SIMULATOR}/admin/stats`)).json())
  const { '/artwork': _, '/authorize': __, ...counts } = requests
  return counts
}
