import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runningServerUrl } from '#scripts/postgres.ts'

/** Instances in real mode that use a simulated Spotify started by the test. */

export const SPOTIFY_APP = { clientId: 'an-app-for-tests', clientSecret: 'a-secret-for-tests' }

/** @param simulator the origin of a simulated Spotify that knows SPOTIFY_APP */
export function realSettings(simulator: string): Record<string, string> {
  return {
    SPOTIFY_CLIENT_ID: SPOTIFY_APP.clientId,
    SPOTIFY_CLIENT_SECRET: SPOTIFY_APP.clientSecret,
    SPOTIFY_ACCOUNTS_URL: simulator,
    SPOTIFY_API_URL: `${simulator}/v1`,
  }
}

/** The URL of the app database of a running instance in real mode. */
export function realDatabaseUrl(dataFolder: string): string {
  return runningServerUrl(join(dataFolder, 'postgres'), 'tracklake')
}

export const PROCESSES = ['web', 'engine', 'postgres', 'supervisor'] as const

export type ProcessName = (typeof PROCESSES)[number]

/** The pid of one of an instance's processes, from its pid file; undefined while it isn't running. */
export function processOf(dataFolder: string, name: ProcessName): number | undefined {
  try {
    if (name === 'postgres') {
      return Number.parseInt(readFileSync(join(dataFolder, 'postgres', 'data', 'postmaster.pid'), 'utf8'), 10)
    }
    const file = name === 'supervisor' ? 'instance.json' : join('run', `${name}.json`)
    return (JSON.parse(readFileSync(join(dataFolder, file), 'utf8')) as { pid: number }).pid
  } catch {
    return undefined // it hasn't started yet or has exited
  }
}
