import { readFileSync } from 'node:fs'

/** The version of Tracklake. */
export const VERSION = (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version
