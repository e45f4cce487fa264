import { afterAll, beforeAll } from 'vitest'
import { z } from 'zod'
import type { SimulatorSettings } from '#simulator/admin/settings.ts'
import { type Simulator, startSimulator } from '#simulator/simulator.ts'

/** A simulated Spotify for tests that compare its responses with real ones. */

export type Tree = { [name: string]: unknown }
export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Removed for Development Mode apps, but still required by the document. */
export const REMOVED = [
  'available_markets',
  'popularity',
  'label',
  'followers',
  'publisher',
  'linked_from',
  'album_group',
]

/** A setting of the test run. @throws if it is missing */
export function requireSetting(name: string, what: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set. Set it to the path of ${what}.`)
  return value
}

export const Ids = z.object({ items: z.array(z.looseObject({ id: z.string() }).nullable()) })

let simulator: Simulator

async function configure(settings: SimulatorSettings): Promise<unknown> {
  const response = await fetch(`${simulator.url}/admin`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  })
  return response.json()
}

/** An instant just before a song of the listener of ten years ended. */
async function whileSomethingPlays(): Promise<string> {
  const response = await fetch(`${simulator.url}/admin/expected/juniper-lake/plays?at=2026-11-21T00:00:00Z`)
  const { items } = z.object({ items: z.array(z.looseObject({ played_at: z.string() })) }).parse(await response.json())
  return new Date(Date.parse(items.at(-1)?.played_at ?? '') - 1000).toISOString()
}

export async function tokenOf(listener: string): Promise<string> {
  const scopes = [
    'user-top-read',
    'user-library-read',
    'user-follow-read',
    'user-read-recently-played',
    'user-read-currently-playing',
    'playlist-read-private',
    'playlist-read-collaborative',
  ]
  const { grant } = z
    .object({ grant: z.object({ access_token: z.string() }) })
    .parse(await configure({ grant: { listener, scopes } }))
  return grant.access_token
}

export async function get(token: string, path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${simulator.url}/v1${path}`, { headers: { authorization: `Bearer ${token}` } })
  const text = await response.text()
  return { status: response.status, body: text ? JSON.parse(text) : undefined }
}

/** Starts the simulation for the tests of a file, at a time when something plays. */
export function withSimulator(): void {
  beforeAll(async () => {
    const midnight = new Date('2026-11-20T00:00:00Z')
    simulator = await startSimulator({
      port: 0,
      seed: 1,
      clientId: 'a',
      clientSecret: 'b',
      admin: true,
      now: () => midnight,
    })
    await configure({ clock: { set: await whileSomethingPlays() } })
  })
  afterAll(() => simulator.stop())
}
