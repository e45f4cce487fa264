import { existsSync } from 'node:fs'
import { supervise } from './supervise.ts'

/** Starts what is built already, on this Node: the command of the container. It installs and builds nothing. */

if (existsSync('.next/BUILD_ID') && existsSync('prisma/client')) {
  process.exit(await supervise({ development: false }))
}
console.error('Nothing is built here. Use `npm start`, which builds first.')
process.exit(1)
