import pg from 'pg'
import { pause, SECOND } from '#lib/core/clock.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'

// An arbitrary number that nothing else in this database uses as a lock.
const LOCK = 7_211_042
const CONNECT_EVERY = SECOND / 2
const TRY_EVERY = SECOND / 4
const HEARTBEAT_EVERY = 5 * SECOND
const QUERY_TIMEOUT = 10 * SECOND

// A machine that loses power closes no connections. Without these the server would hold its lock for two hours.
const DETECT_DEAD_PEER = 'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3'

// pg_locks splits a 64-bit key into two columns.
const HELD_BY_THIS_SESSION = `
exists (select from pg_locks where locktype = 'advisory' and granted and pid = pg_backend_pid() and objsubid = 1
  and database = (select oid from pg_database where datname = current_database()) and classid = 0 and objid = ${LOCK})`

// A session may take the same lock twice. If it already holds the lock, a pooler is sharing it and the lock isn't ours.
const TRY_LOCK = `
select pg_backend_pid() as pid, case when ${HELD_BY_THIS_SESSION} then false else pg_try_advisory_lock(${LOCK}) end as locked`

const CHECK_LOCK = `select pg_backend_pid() as pid, ${HELD_BY_THIS_SESSION} as locked`

/** Whether the session holds the lock, and the server process behind it. */
type LockState = { pid: number; locked: boolean }

export interface EngineLock {
  release(): Promise<void>
}

export interface LockEvents {
  /** Another engine holds the lock; this one waits until it is gone. */
  onStandBy(): void
  /** The database responded. */
  onSeen(): void
  /** Called once when the connection breaks, doesn't respond, or no longer holds the lock. */
  onLost(cause: Error): void
}

/** Connects to the database, and retries while it can't be reached. @throws when `signal` is aborted */
async function connect(databaseUrl: string, signal: AbortSignal): Promise<pg.Client> {
  for (let attempt = 0; ; attempt++) {
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
      if (attempt % 20 === 0) log.warn('the engine is waiting for the database', { error: messageOf(error) })
      await pause(CONNECT_EVERY, signal)
      signal.throwIfAborted()
    }
  }
}

/**
 * Waits until this process is the only engine of the database. The lock belongs to its connection: an engine that loses
 * the connection must end at once, because another one may already be active.
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

/** @returns the server process that holds the lock */
async function takeLock(client: pg.Client, signal: AbortSignal, { onStandBy, onSeen }: LockEvents): Promise<number> {
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted()
    const { rows } = await client.query<LockState>(TRY_LOCK)
    onSeen()
    if (rows[0]?.locked) return rows[0].pid
    if (attempt === 0) {
      log.info('another engine is active on this database; this one stands by')
      onStandBy()
    }
    await pause(TRY_EVERY, signal)
  }
}

/**
 * Checks regularly that the lock is still held. A connection to a machine that vanished looks open, and behind a pooler
 * the next query may go to a session without the lock.
 */
function startHeartbeat(
  client: pg.Client,
  pid: number,
  { onSeen }: LockEvents,
  lost: (cause: Error) => void,
  ended: () => boolean,
): void {
  const check = async () => {
    const { rows } = await client.query<LockState>(CHECK_LOCK)
    if (rows[0]?.locked && rows[0].pid === pid) onSeen()
    else lost(new Error('the connection no longer holds the engine lock: a pooler must not share its session'))
  }
  const timer = setInterval(() => {
    if (ended()) return clearInterval(timer)
    check().catch(lost)
  }, HEARTBEAT_EVERY)
  timer.unref()
}
