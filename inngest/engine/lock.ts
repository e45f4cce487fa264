import pg from 'pg'
import { pause, SECOND } from '../../lib/clock.ts'
import { messageOf } from '../../lib/errors.ts'
import { log } from '../../lib/log.ts'

// Any number serves, as long as nothing else in this database locks on it.
const LOCK = 7_211_042
const CONNECT_EVERY = SECOND / 2
const TRY_EVERY = SECOND / 4
const BEAT_EVERY = 5 * SECOND
const ANSWER_WITHIN = 10 * SECOND

// A machine that lost its power closes no connection. Without these the server would keep its lock for two hours.
const NOTICE_A_DEAD_PEER = 'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3'

export interface EngineLock {
  release(): Promise<void>
}

/** What the engine hears of its lock. */
export interface LockEvents {
  /** Another engine has it; this one waits until that is gone. */
  onStandBy(): void
  /** The database answered. */
  onSeen(): void
  /** Called once when the connection breaks or stays silent. */
  onLost(cause: Error): void
}

/** Connects to the database; tries again while it is not reachable, until `signal` says stop. */
async function connect(databaseUrl: string, signal: AbortSignal): Promise<pg.Client> {
  for (let tries = 0; ; tries++) {
    const client = new pg.Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: 10 * SECOND,
      query_timeout: ANSWER_WITHIN,
      keepAlive: true,
      application_name: 'tracklake engine lock',
    })
    try {
      await client.connect()
      await client.query(NOTICE_A_DEAD_PEER)
      return client
    } catch (error) {
      await client.end().catch(() => {})
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
 */
export async function becomeOnlyEngine(
  databaseUrl: string,
  signal: AbortSignal,
  events: LockEvents,
): Promise<EngineLock> {
  const client = await connect(databaseUrl, signal)
  let released = false
  const release = async () => {
    released = true
    await client.end().catch(() => {})
  }
  const lost = (cause: Error) => {
    if (released) return
    void release()
    events.onLost(cause)
  }
  client.on('error', lost)
  client.on('end', () => lost(new Error('the database closed the connection that holds the engine lock')))
  try {
    await takeLock(client, signal, events)
  } catch (error) {
    await release()
    throw error
  }
  beat(client, events, lost, () => released)
  return { release }
}

async function takeLock(client: pg.Client, signal: AbortSignal, { onStandBy, onSeen }: LockEvents): Promise<void> {
  for (let tries = 0; ; tries++) {
    signal.throwIfAborted()
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [LOCK])
    onSeen()
    if (rows[0]?.locked) return
    if (tries === 0) {
      log.info('another engine is at work on this database; this one stands by')
      onStandBy()
    }
    await pause(TRY_EVERY, signal)
  }
}

/** A connection to a machine that vanished looks open. Who cannot ask cannot know whether the lock is still theirs. */
function beat(client: pg.Client, { onSeen }: LockEvents, lost: (cause: Error) => void, ended: () => boolean): void {
  const timer = setInterval(() => {
    if (ended()) return clearInterval(timer)
    client.query('select 1').then(onSeen, lost)
  }, BEAT_EVERY)
  timer.unref()
}
