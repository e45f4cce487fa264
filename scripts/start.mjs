// npm start · npm run dev (--dev: hot reload) · npm run build (--build: builds only)
// npm run bench (--bench: measures instead of serving)
import { bootstrap } from './bootstrap.mjs'

const development = process.argv.includes('--dev')
await bootstrap({ build: !development })
if (process.argv.includes('--bench')) {
  await import('./bench.ts')
} else if (!process.argv.includes('--build')) {
  const { supervise } = await import('./supervise.ts')
  process.exit(await supervise({ development }))
}
