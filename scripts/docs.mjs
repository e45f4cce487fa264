// npm run docs: writes the parts of docs/ that follow from contracts and registries.
import { bootstrap } from './bootstrap.mjs'

await bootstrap({ build: false, packages: 'all' })
const { writeApiDocs } = await import('#testing/docs/api-docs.ts')
writeApiDocs()
