import { SECOND } from '#lib/core/clock.ts'
import { readSettings } from '#lib/core/config.ts'
import { localOrigin } from './environment.ts'

/** Ends with 0 while the instance of this machine can do its work: the health check of the container. */

const { HOST, PORT } = readSettings(process.env)

try {
  const answer = await fetch(`${localOrigin(HOST, PORT)}/api/health`, { signal: AbortSignal.timeout(8 * SECOND) })
  console.log(await answer.text())
  process.exit(answer.ok ? 0 : 1)
} catch (problem) {
  console.error(problem)
  process.exit(1)
}
