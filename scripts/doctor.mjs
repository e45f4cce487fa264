// npm run doctor: checks everything an instance needs, running or not. Exit code: 0 if there are no problems, otherwise
// 1.
import { bootstrapOnPinnedNode, missingParts } from './bootstrap.mjs'

const missing = missingParts()
if (missing === undefined) {
  await bootstrapOnPinnedNode()
  const { doctor } = await import('./doctor/doctor.ts')
  process.exit(await doctor())
}
// All other checks need the packages.
console.log(`ok        Node            ${process.versions.node}`)
console.log(`problem   packages        ${missing}`)
console.log('                          → Run `npm start`, which installs what is missing.')
process.exit(1)
