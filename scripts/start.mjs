// npm start · npm run dev (--dev: hot reload) · npm run build (--build: builds only)
// npm run bench (--bench: measures instead of serving)
import { bootstrap } from './bootstrap.mjs'
import { forgetPostgresVariables } from './inherited.mjs'

const development = process.argv.includes('--dev')
const benchmark = process.argv.includes('--bench')
const packages = development || benchmark ? 'all' : 'running'
const handleSignals = await bootstrap({ build: !development, packages })
if (benchmark) {
  forgetPostgresVariables(process.env)
  await import('./bench.ts')
} else if (!process.argv.includes('--build')) {
  await import('./stripped.mjs')
  const { supervise } = await import('./supervise.ts')
  handleSignals() // without a gap: supervise() handles them immediately
  process.exit(await supervise({ development }))
}
