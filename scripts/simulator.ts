import { log } from '../lib/log.ts'
import { startSimulator } from '../lib/sources/spotify/simulator/simulator.ts'

/**
 * The simulated Spotify as a process of its own. It takes its settings from the environment and ends when whoever
 * started it is gone, which it notices by its standard input being closed.
 */

const {
  SIMULATOR_PORT = '0',
  SPOTIFY_CLIENT_ID = 'simulated-client',
  SPOTIFY_CLIENT_SECRET = 'simulated-secret',
  SIMULATOR_SEED = '1',
  SIMULATOR_LATENCY_MS = '0',
  SIMULATOR_WINDOW_SECONDS = '30',
  SIMULATOR_WINDOW_REQUESTS = '100000',
  SIMULATOR_ADMIN = '0',
} = process.env

const simulator = await startSimulator({
  port: Number(SIMULATOR_PORT),
  seed: Number(SIMULATOR_SEED),
  clientId: SPOTIFY_CLIENT_ID,
  clientSecret: SPOTIFY_CLIENT_SECRET,
  latencyMs: Number(SIMULATOR_LATENCY_MS),
  rateWindow: { seconds: Number(SIMULATOR_WINDOW_SECONDS), requests: Number(SIMULATOR_WINDOW_REQUESTS) },
  admin: SIMULATOR_ADMIN === '1',
})

log.info('The simulated Spotify listens', { url: simulator.url, admin: SIMULATOR_ADMIN === '1' })

process.stdin.resume()
process.stdin.on('close', async () => {
  await simulator.stop()
  process.exit(0)
})
