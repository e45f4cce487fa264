import pg from 'pg'
import { pause, SECOND } from '#lib/core/clock.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'

// Any number serves, as long as nothing else in this database locks on it.
const LOCK = 7_211_042
const CONNECT_EVERY = SECOND / 2
const TRY_EVERY = SECOND / 4
const HEARTBEAT_EVERY = 5 * SECOND
const QUERY_TIMEOUT = 10 * SECOND

// A machine that lost its power closes no connection. Without these the server would keep its lock for two hours.
const DETECT_DEAD_PEER = 'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3'

// In pg_locks a key of 64 bits stands in two columns.
const HELD_BY_THIS_SESSION = `
exists (select from pg_locks where locktype = 'advisory' and granted and pid = pg_backend_pid() and objsubid = 1
  and database = (select oid from pg_database where datname = current_database()) and classid = 0 and objid = ${LOCK})`

// Sessions may take the same lock again. One that has it before we took it is shared: it is not ours.
const TRY_LOCK = `
select pg_backend_pid() as pid, case when ${HELD_BY_THIS_SESSION} then false else pg_try_advisory_lock(${LOCK}) end as locked`

const CHECK_LOCK = `select pg_backend_pid() as pid, ${HELD_BY_THIS_SESSION} as locked`

/** What the database says of the lock, in which of its processes. */
type LockState = { pid: number; locked: boolean }

export interface EngineLock {
  release(): Promise<void>
}

/** What the engine hears of its lock. */
export interface LockEvents {
  /** Another engine has it; this one waits until that is gone. */
  onStandBy(): void
  /** The database answered. */
  onSeen(): void
  /** Called once when the connection breaks, stays silent, or holds the lock no more. */
  onLost(cause: Error): void
}

/** Connects to the database; tries again while it is not reachable, until `signal` says stop. */
async function connect(databaseUrl: string, signal: AbortSignal): Promise<pg.Client> {
  for (let tries = 0; ; tries++) {
    const client = new pg.Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: 10 * SECOND,
      query_timeout: QUERY_TIMEOUT,
      keepAlive: true,
      application_name: 'tracklake engine lock',
    })
    try {
      await client.connect()
      await client.query(DETECT_DEAD_PEER)
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
  let pid: number
  try {
    pid = await takeLock(client, signal, events)
  } catch (error) {
    await release()
    throw error
  }
  startHeartbeat(client, pid, events, lost, () => released)
  return { release }
}

/** @returns which process of the database holds it */
async function takeLock(client: pg.Client, signal: AbortSignal, { onStandBy, onSeen }: LockEvents): Promise<number> {
  for (let tries = 0; ; tries++) {
    signal.throwIfAborted()
    const { rows } = await client.query<LockState>(TRY_LOCK)
    onSeen()
    if (rows[0]?.locked) return rows[0].pid
    if (tries === 0) {
      log.info('another engine is at work on this database; this one stands by')
      onStandBy()
    }
    await pause(TRY_EVERY, signal)
  }
}

/**
 * A connection to a machine that vanished looks open, and behind a pooler the next question may go to a session without
 * the lock. Who cannot ask cannot know whether the lock is still theirs.
 */
function startHeartbeat(
  client: pg.Client,
  pid: number,
  { onSeen }: LockEvents,
  lost: (cause: Error) => void,
  ended: () => boolean,
): void {
  const look = async () => {
    const { rows } = await client.query<LockState>(CHECK_LOCK)
    if (rows[0]?.locked && rows[0].pid === pid) onSeen()
    else lost(new Error('the connection holds the engine lock no more: a pooler must not share its session'))
  }
  const timer = setInterval(() => {
    if (ended()) return clearInterval(timer)
    look().catch(lost)
  }, HEARTBEAT_EVERY)
  timer.unref()
}
