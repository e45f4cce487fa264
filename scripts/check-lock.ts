import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/**
 * Sometimes a new release has no package for one of its platforms yet. npm then silently omits that package from the
 * lock, and `npm ci` fails on that platform.
 */

const Lock = z.object({
  packages: z.record(z.string(), z.object({ optionalDependencies: z.record(z.string(), z.string()).optional() })),
})

export type Lock = z.infer<typeof Lock>

/** Optional packages without an entry, as `name (required by …)`. */
export function missingFromLock({ packages }: Lock): string[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !candidatePaths(name, path).some((place) => place in packages))
      .map((name) => `${name} (required by ${path || 'package.json'})`),
  )
}

/** Where Node looks for a package: below the one that requires it, then upwards. */
function candidatePaths(name: string, path: string): string[] {
  const steps = path === '' ? [] : path.split('/node_modules/')
  const below = steps.map((_, index) => `${steps.slice(0, index + 1).join('/node_modules/')}/node_modules/${name}`)
  return [`node_modules/${name}`, ...below]
}

if (import.meta.main) {
  const lock = Lock.parse(JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8')))
  const missing = missingFromLock(lock)
  for (const name of missing) console.error(`package-lock.json has no entry for ${name}`)
  if (missing.length > 0) {
    console.error('Pin the requiring package to a version whose platform packages all exist, then run npm install.')
    process.exit(1)
  }
  console.log(`all optional packages of ${Object.keys(lock.packages).length} packages have an entry`)
}
