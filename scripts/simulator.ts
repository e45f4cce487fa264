import { z } from 'zod'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { startSimulator } from '#simulator/simulator.ts'

/**
 * The simulated Spotify as a process of its own. It takes its settings from the environment and ends when whoever
 * started it is gone, which it notices by its standard input being closed.
 */

const Environment = z.object({
  SIMULATOR_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  SPOTIFY_CLIENT_ID: z.string().min(1),
  SPOTIFY_CLIENT_SECRET: z.string().min(1),
  SIMULATOR_SEED: z.coerce.number().int().default(1),
  SIMULATOR_LATENCY_MS: z.coerce.number().min(0).max(60_000).default(0),
  SIMULATOR_WINDOW_SECONDS: z.coerce.number().positive().default(30),
  SIMULATOR_WINDOW_REQUESTS: z.coerce.number().int().min(0).default(100_000),
  /** Opens the admin address, which can change everything about the simulation. */
  SIMULATOR_ADMIN: z.enum(['0', '1']).default('0'),
})

async function main(): Promise<void> {
  const settings = Environment.parse(process.env)
  const simulator = await startSimulator({
    port: settings.SIMULATOR_PORT,
    seed: settings.SIMULATOR_SEED,
    clientId: settings.SPOTIFY_CLIENT_ID,
    clientSecret: settings.SPOTIFY_CLIENT_SECRET,
    latencyMs: settings.SIMULATOR_LATENCY_MS,
    rateWindow: { seconds: settings.SIMULATOR_WINDOW_SECONDS, requests: settings.SIMULATOR_WINDOW_REQUESTS },
    admin: settings.SIMULATOR_ADMIN === '1',
  })
  log.info('The simulated Spotify listens', { url: simulator.url })
  process.stdin.resume()
  process.stdin.on('close', () => simulator.stop())
}

main().catch((thrown) => {
  log.error('The simulated Spotify cannot start', {
    cause: thrown instanceof z.ZodError ? z.prettifyError(thrown) : messageOf(thrown),
    remedy: 'Correct the setting that is named, or free the port.',
  })
  process.exitCode = 1
})
