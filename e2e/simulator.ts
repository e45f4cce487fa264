import { z } from 'zod'
import type { Orders } from '#simulator/admin.ts'
import { SIMULATOR } from './instance.ts'

/** Gives orders to the simulated Spotify; those about one listener leave the others in peace. */
export async function configureSpotify(orders: Orders): Promise<void> {
  const answer = await fetch(`${SIMULATOR}/admin`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(orders),
  })
  if (!answer.ok) throw new Error(`The simulated Spotify refused an order: ${await answer.text()}`)
}

const Stats = z.object({ requests: z.record(z.string(), z.number()) })

/** How often the app asked Spotify since the start: tokens and data, without pages and pictures that browsers load. */
export async function requestCounts(): Promise<Record<string, number>> {
  const { requests } = Stats.parse(await (await fetch(`${SIMULATOR}/admin/stats`)).json())
  const { '/artwork': _, '/authorize': __, ...asked } = requests
  return asked
}
