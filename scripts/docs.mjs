// npm run docs: writes what docs/api.md and docs/authorisation.md say of the contracts anew.
import { bootstrap } from './bootstrap.mjs'

await bootstrap({ build: false })
const { writeApiDocs } = await import('./api-docs.ts')
writeApiDocs()
