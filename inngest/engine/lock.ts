import pg from 'pg'
import { pause, SECOND } from '../../lib/clock.ts'
import { messageOf } from '../../lib/errors.ts'
import { log } from '../../lib/log.ts'

// Any number serves, as long as nothing else in this database locks on it.
const LOCK = 7_211_042
const CONNECT_EVERY = SECOND / 2

export interface EngineLock {
  release(): Promise<void>
}

/** Connects to the database; tries again while it is not reachable, until `signal` says stop. */
async function connect(databaseUrl: string, signal: AbortSignal): Promise<pg.Client> {
  for (let tries = 0; ; tries++) {
    const client = new pg.Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: 10 * SECOND,
      keepAlive: true,
      application_name: 'tracklake engine lock',
    })
    try {
      await client.connect()
      return client
    } catch (error) {
      signal.throwIfAborted()
      if (tries % 20 === 0) log.warn('the engine waits for the database', { error: messageOf(error) })
      await pause(CONNECT_EVERY, signal)
      signal.throwIfAborted()
    }
  }
}

/**
 * Waits until this process is the only engine of the database. The lock is bound to its connection: whoever loses the
 * connection has lost the lock and must end at once, because a second engine may already be at work.
 *
 * @param onLost called once when the connection breaks
 */
export async function becomeOnlyEngine(
  databaseUrl: string,
  signal: AbortSignal,
  onLost: (cause: Error) => void,
): Promise<EngineLock> {
  const client = await connect(databaseUrl, signal)
  let released = false
  const release = async () => {
    released = true
    await client.end().catch(() => {})
  }
  const lost = (cause: Error) => {
    if (released) return
    released = true
    onLost(cause)
  }
  client.on('error', lost)
  client.on('end', () => lost(new Error('the database closed the connection that holds the engine lock')))

  const free = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [LOCK])
  if (!free.rows[0]?.locked) {
    log.info('another engine is at work on this database; this one stands by')
    const leave = () => void release()
    signal.addEventListener('abort', leave, { once: true })
    await client.query('select pg_advisory_lock($1)', [LOCK])
    signal.removeEventListener('abort', leave)
  }
  return { release }
}
