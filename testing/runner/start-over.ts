import { afterAll, vi } from 'vitest'

/**
 * Vitest runs this before every test file. Files share worker processes, so packages are loaded and compiled once, which
 * saves a third of the CPU time. Our own state starts over with each file: modules, settings, timers and registries.
 */

// It belongs to a subscription that lasts as long as the process.
const KEPT = Symbol.for('tracklake.snowflake.round-trips')

vi.resetModules()
for (const key of Object.getOwnPropertySymbols(globalThis)) {
  if (key !== KEPT && Symbol.keyFor(key)?.startsWith('tracklake.')) Reflect.deleteProperty(globalThis, key)
}

const environment = { ...process.env }

afterAll(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
  Object.assign(process.env, environment)
})
