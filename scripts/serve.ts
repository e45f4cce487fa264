import { existsSync } from 'node:fs'
import { supervise } from './supervise.ts'

/** The command of the container: starts the existing build on this Node, without installing or building anything. */

if (existsSync('.next/BUILD_ID') && existsSync('prisma/client')) {
  process.exit(await supervise({ development: false }))
}
console.error('Nothing is built here. Use `npm start`, which builds first.')
process.exit(1)
