// npm run format: formats everything and fixes what can be fixed.
import { bootstrap } from './bootstrap.mjs'

await bootstrap({ build: false, packages: 'all' })
const { runTool } = await import('#testing/runner/run-tool.ts')
process.exit(await runTool(['node_modules/@biomejs/biome/bin/biome', 'check', '--write', '.']))
