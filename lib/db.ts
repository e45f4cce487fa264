import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../prisma/client/client.ts'
import { settings } from './core/config.ts'

export type * from '../prisma/client/client.ts'
export { Prisma } from '../prisma/client/client.ts'
export * from '../prisma/client/enums.ts'

// Next loads a module up to three times in one process; the pool must be one.
const HANDLE = Symbol.for('tracklake.db')
const holder = globalThis as typeof globalThis & { [HANDLE]?: PrismaClient }

/** Enough for two pool slots with four pages in flight each, plus web pages and a load. */
const MAX_CONNECTIONS = 16

/** The client of the app database. */
export function db(): PrismaClient {
  holder[HANDLE] ??= connect(settings().DATABASE_URL ?? '')
  return holder[HANDLE]
}

function connect(url: string): PrismaClient {
  return new PrismaClient({
    adapter: new PrismaPg({
      connectionString: url,
      max: MAX_CONNECTIONS,
      connectionTimeoutMillis: 10_000,
      query_timeout: 30_000,
      application_name: 'tracklake-web',
    }),
  })
}
