import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { z } from 'zod'
import { SECOND } from '#lib/core/clock.ts'
import { freePort } from '#scripts/postgres.ts'
import type { SimulatorSettings } from '#simulator/admin/settings.ts'
import { eventually } from '#testing/eventually.ts'
import { SPOTIFY_APP } from '#testing/instances/real-instance.ts'

/** The simulated Spotify as a process of its own, so that it takes no time from who asks it. */
export interface SimulatorProcess {
  url: string
  pid: number
  configure(settings: SimulatorSettings): Promise<void>
  /** What the Web API was asked since it started or was reset. */
  count(): Promise<RequestCount>
  stop(): Promise<void>
}

export interface RequestCount {
  /** All of them. */
  total: number
  /** Answered 429. */
  tooMany: number
  /** Answered 401. */
  unauthorised: number
}

const Stats = z.object({
  requests: z.record(z.string(), z.number()),
  statuses: z.record(z.string(), z.number()),
})

/** What is counted but is not the Web API. */
const NOT_WEB_API = new Set(['/authorize', '/api/token', '/artwork', '/other'])

export async function startSimulatorProcess({ latencyMs }: { latencyMs: number }): Promise<SimulatorProcess> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, ['scripts/simulator.ts'], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: {
      ...process.env,
      SIMULATOR_PORT: String(port),
      SIMULATOR_ADMIN: '1',
      SIMULATOR_LATENCY_MS: String(latencyMs),
      SPOTIFY_CLIENT_ID: SPOTIFY_APP.clientId,
      SPOTIFY_CLIENT_SECRET: SPOTIFY_APP.clientSecret,
    },
  })
  const ended = once(child, 'exit')
  await eventually(() => {
    if (child.exitCode !== null) throw new Error('The simulated Spotify ended while it started.')
    return postSettings(url).catch(() => undefined)
  })
  return {
    url,
    pid: child.pid ?? 0,
    configure: async (settings) => {
      await postSettings(url, settings)
    },
    count: () => countOf(url),
    stop: async () => {
      child.stdin.end()
      await ended
    },
  }
}

/** Posts settings to the admin address. Without any it only checks that the process responds. */
async function postSettings(url: string, settings: SimulatorSettings = {}): Promise<true> {
  const response = await fetch(`${url}/admin`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(settings),
    signal: AbortSignal.timeout(10 * SECOND),
  })
  if (!response.ok) throw new Error(`The simulated Spotify rejected a setting: ${await response.text()}`)
  return true
}

async function countOf(url: string): Promise<RequestCount> {
  const answer = await fetch(`${url}/admin/stats`, { signal: AbortSignal.timeout(10 * SECOND) })
  const { requests, statuses } = Stats.parse(await answer.json())
  const asked = Object.entries(requests).reduce(
    (sum, [group, count]) => (NOT_WEB_API.has(group) ? sum : sum + count),
    0,
  )
  return { total: asked, tooMany: statuses['429'] ?? 0, unauthorised: statuses['401'] ?? 0 }
}
