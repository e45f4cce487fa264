import { z } from 'zod'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { startSimulator } from '#simulator/simulator.ts'

/**
 * Runs the simulated Spotify as its own process, with settings from the environment. It ends when its standard input is
 * closed, so it never outlives the process that started it.
 */

const Environment = z.object({
  SIMULATOR_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  SPOTIFY_CLIENT_ID: z.string().min(1),
  SPOTIFY_CLIENT_SECRET: z.string().min(1),
  SIMULATOR_SEED: z.coerce.number().int().default(1),
  SIMULATOR_LATENCY_MS: z.coerce.number().min(0).max(60_000).default(0),
  SIMULATOR_WINDOW_SECONDS: z.coerce.number().positive().default(30),
  SIMULATOR_WINDOW_REQUESTS: z.coerce.number().int().min(0).default(100_000),
  /** Opens the admin address, which can change everything in the simulation. */
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
  log.info('The simulated Spotify is listening', { url: simulator.url })
  process.stdin.resume()
  process.stdin.on('close', () => simulator.stop())
}

main().catch((error) => {
  log.error("The simulated Spotify can't start", {
    cause: error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error),
    remedy: 'Correct the setting named above, or free the port.',
  })
  process.exitCode = 1
})
