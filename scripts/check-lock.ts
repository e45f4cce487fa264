import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/**
 * The registry at times lacks a platform package of a fresh release; npm then leaves it out of the lock without a word,
 * and `npm ci` fails on every machine of that platform.
 */

const Lock = z.object({
  packages: z.record(z.string(), z.object({ optionalDependencies: z.record(z.string(), z.string()).optional() })),
})

export type Lock = z.infer<typeof Lock>

/** Optional packages that are asked for and have no entry, as `name (asked for by …)`. */
export function missingFromLock({ packages }: Lock): string[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !candidatePaths(name, path).some((place) => place in packages))
      .map((name) => `${name} (asked for by ${path || 'package.json'})`),
  )
}

/** Where Node would look for a package: below the one that asks, then upwards. */
function candidatePaths(name: string, path: string): string[] {
  const steps = path === '' ? [] : path.split('/node_modules/')
  const below = steps.map((_, index) => `${steps.slice(0, index + 1).join('/node_modules/')}/node_modules/${name}`)
  return [`node_modules/${name}`, ...below]
}

if (import.meta.main) {
  const lock = Lock.parse(JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8')))
  const missing = missingFromLock(lock)
  for (const name of missing) console.error(`package-lock.json lacks ${name}`)
  if (missing.length > 0) {
    console.error('Pin the package that asks for it to a version whose platform packages all exist, then npm install.')
    process.exit(1)
  }
  console.log(`every optional package of ${Object.keys(lock.packages).length} has its entry`)
}
