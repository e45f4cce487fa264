import type { TestProject } from 'vitest/node'
import { type LiveAccount, missingSettings, readSettings } from './settings.ts'

/** Vitest calls this once before the tests with a real account. Provides its settings. */
export function setup({ provide }: TestProject): void {
  const missing = missingSettings(process.env)
  if (missing.length > 0) throw new Error(`Set ${missing.join(', ')}.`)
  provide('liveSnowflake', readSettings(process.env))
}

declare module 'vitest' {
  interface ProvidedContext {
    liveSnowflake: LiveAccount
  }
}
