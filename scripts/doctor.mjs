// npm run doctor: checks everything an instance needs, while it runs or not. Exit code: 0 without a problem, otherwise 1.
import { bootstrapOnPinnedNode, missingParts } from './bootstrap.mjs'

const missing = missingParts()
if (missing === undefined) {
  await bootstrapOnPinnedNode()
  const { doctor } = await import('./doctor/doctor.ts')
  process.exit(await doctor())
}
// Everything else needs packages.
console.log(`ok        Node            ${process.versions.node}`)
console.log(`problem   packages        ${missing}`)
console.log('                          → Run `npm start`, which installs what is missing.')
process.exit(1)
