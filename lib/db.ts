import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../prisma/client/client.ts'
import { connectionLimits } from './core/addresses.ts'
import { settings } from './core/config.ts'
import { toStorable, toStorableJson } from './core/storable.ts'

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

/**
 * Replaces characters that Postgres can't store in every value sent to it. Requests and Spotify's responses are already
 * checked on arrival; this also covers messages from warehouses, webhooks and libraries, so that a problem can always
 * be recorded.
 */
class StorablePg extends PrismaPg {
  override async connect() {
    const adapter = storable(await super.connect())
    const startTransaction = adapter.startTransaction.bind(adapter)
    adapter.startTransaction = async (...options) => storable(await startTransaction(...options))
    return adapter
  }
}

type Queryable = Pick<Awaited<ReturnType<PrismaPg['connect']>>, 'queryRaw' | 'executeRaw'>
type Query = Parameters<Queryable['queryRaw']>[0]

function storable<Target extends Queryable>(target: Target): Target {
  const { queryRaw, executeRaw } = target
  target.queryRaw = (query) => queryRaw.call(target, withStorableArgs(query))
  target.executeRaw = (query) => executeRaw.call(target, withStorableArgs(query))
  return target
}

function withStorableArgs(query: Query): Query {
  return { ...query, args: query.args.map(storableArg) }
}

function storableArg(arg: unknown): unknown {
  if (Array.isArray(arg)) return arg.map(storableArg)
  if (typeof arg !== 'string') return arg
  // JSON arrives as text, even in raw statements.
  return toStorable(/^[[{"]/.test(arg) ? toStorableJson(arg) : arg)
}

function connect(url: string): PrismaClient {
  const { max = MAX_CONNECTIONS, connectTimeoutMs } = connectionLimits(url)
  return new PrismaClient({
    adapter: new StorablePg({
      connectionString: url,
      max,
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: 30_000,
      application_name: 'tracklake-web',
    }),
  })
}
