// npm run docs: writes the parts of docs/api.md and docs/authorisation.md that follow from the contracts.
import { bootstrap } from './bootstrap.mjs'

await bootstrap({ build: false })
const { writeApiDocs } = await import('../testing/docs/api-docs.ts')
writeApiDocs()
