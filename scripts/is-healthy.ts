import { SECOND } from '#lib/core/clock.ts'
import { localOrigin } from './environment.ts'
import { readEnvironment } from './read-environment.ts'

/** The health check of the container: exits with 0 if the instance on this machine works. */

const { HOST, PORT } = readEnvironment(process.env)

try {
  const response = await fetch(`${localOrigin(HOST, PORT)}/api/health`, { signal: AbortSignal.timeout(8 * SECOND) })
  console.log(await response.text())
  process.exit(response.ok ? 0 : 1)
} catch (error) {
  console.error(error)
  process.exit(1)
}
