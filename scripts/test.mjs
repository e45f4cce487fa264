// npm test · npm run test:<part> -- <arguments for the part's tool>
import { bootstrap } from './bootstrap.mjs'
import { forgetPostgresVariables } from './inherited.mjs'

const [part, ...rest] = process.argv.slice(2)
const startsInstances = part === undefined || ['integration', 'e2e', 'soak'].includes(part)
forgetPostgresVariables(process.env)
await bootstrap({ build: startsInstances, packages: 'all' })
const { runTests } = await import('./run-tests.ts')
process.exit(await runTests(part, rest))
