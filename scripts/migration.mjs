// npm run migration -- <name>: writes the next migration from the difference between prisma/migrations and the schema.
import { bootstrap } from './bootstrap.mjs'
import { forgetPostgresVariables } from './inherited.mjs'

forgetPostgresVariables(process.env)
await bootstrap({ build: false, packages: 'all' })
const { authorMigration } = await import('./author-migration.ts')
await authorMigration(process.argv[2])
