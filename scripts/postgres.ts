import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { connectionLimits } from '#lib/core/addresses.ts'
import { MINUTE, now, pause } from '#lib/core/clock.ts'
import { messageOf, Stop } from '#lib/core/errors.ts'
import { postgresEnvironment } from './environment.ts'
import {
  creatingFolder,
  creationRemedy,
  endingWithParent,
  giveToPostgres,
  postgresCommand,
  postgresMajor,
} from './postgres-programs.ts'
import { commandOf, isAlive } from './processes.ts'

/** A private Postgres server in a folder, reachable only at 127.0.0.1 and with a password. */

const USER = 'tracklake'

// Small buffers and few connections for a single household, without giving up durability.
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '32MB',
  max_wal_size: '256MB',
  max_parallel_workers: '0',
  max_logical_replication_workers: '0',
  io_method: 'sync', // otherwise there are three extra processes for reads that the system's cache serves
  jit: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
}

// For tests, which don't need durable data and open many connections.
const NOT_DURABLE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' }

interface ClusterOptions {
  /** Contains `data/` and the password; created when missing. */
  folder: string
  /** False only in tests: faster, but not safe in a crash. */
  durable?: boolean
  /** Stops initdb when the start is canceled. */
  signal?: AbortSignal
}

/** A prepared folder, and how to start, reach and stop a server on it. */
export interface Cluster {
  port: number
  command: { file: string; args: string[] }
  url(database: string): string
  /**
   * Resolves when the server accepts connections.
   * @param pid returns the pid of the server, which changes with a restart
   * @param gone aborted when the server won't be started again
   */
  ready(pid: () => number, gone: AbortSignal): Promise<void>
  /** Stops the server on this folder, even if another process started it. Open transactions are rolled back. */
  stop(): Promise<void>
}

/**
 * Prepares the folder (with initdb at the first start), stops a server that is still running on it, and picks a port.
 * @throws Stop when the folder belongs to another major version or a program fails
 */
export async function openCluster({ folder, durable = true, signal }: ClusterOptions): Promise<Cluster> {
  const data = resolve(folder, 'data')
  const passwordFile = join(folder, 'password')
  if (!existsSync(data)) await initialise(folder, data, passwordFile, durable, signal)
  refuseOtherVersion(data)
  refuseOtherOwner(data)
  await stopLeftOver(data)

  const port = await freePort()
  const password = readFileSync(passwordFile, 'utf8')
  const settings = { ...SETTINGS, ...(durable ? {} : NOT_DURABLE), port: String(port) }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return {
    port,
    command: postgresCommand('postgres', ['-D', data, ...flags]),
    url: (database) => address(password, port, database),
    ready: (pid, gone) => waitUntilReady(data, pid, gone),
    stop: () => stopServer(data),
  }
}

async function initialise(
  folder: string,
  data: string,
  passwordFile: string,
  durable: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  giveToPostgres(folder)
  writeFileSync(passwordFile, randomBytes(18).toString('base64url'), { mode: 0o600 })
  giveToPostgres(passwordFile)
  // Renamed when complete, so that an interrupted first start leaves nothing unfinished.
  const draft = `${data}.new`
  rmSync(draft, { recursive: true, force: true })
  const login = ['-U', USER, `--pwfile=${passwordFile}`, '-A', 'scram-sha-256']
  await initdb(
    folder,
    ['-D', draft, ...login, '--locale=C', '--encoding=UTF8', ...(durable ? [] : ['--no-sync'])],
    signal,
  )
  renameSync(draft, data)
}

function refuseOtherVersion(data: string): void {
  const found = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim()
  const installed = postgresMajor()
  if (found === installed) return
  throw new Stop(
    `The database in ${data} was created by Postgres ${found}; this version of Tracklake has Postgres ${installed}.`,
    {
      remedy: `Start it once more with the previous version of Tracklake, save it with pg_dump, move the folder away and restore the dump.`,
    },
  )
}

/** Postgres only runs on files owned by its user. When started as root, gives it ownership. */
function refuseOtherOwner(data: string): void {
  const [owner, self] = [statSync(data).uid, process.getuid?.()]
  if (self === undefined || self === 0 || owner === self) return
  throw new Stop(`The database in ${data} belongs to user id ${owner}, but this process runs as ${self}.`, {
    remedy: `Start as that user, or have an administrator run: chown -R ${self} ${data}`,
  })
}

/** The process in the server's lock file, if it is running on this folder. */
function runningServer(data: string): number | undefined {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
  if (isAlive(pid) && (commandOf(pid) ?? data).includes(data)) return pid
  // The pid is unused or belongs to another process. In the latter case, Postgres itself would refuse to start.
  rmSync(file, { force: true })
  return undefined
}

/** Whether a server runs on `folder`, including one left behind by a killed instance. */
export function isServerRunning(folder: string): boolean {
  return runningServer(resolve(folder, 'data')) !== undefined
}

async function stopLeftOver(data: string): Promise<void> {
  if (runningServer(data) !== undefined) await stopServer(data)
}

async function stopServer(data: string): Promise<void> {
  const pid = runningServer(data)
  if (pid === undefined) return
  process.kill(pid, 'SIGINT') // closes sessions; SIGTERM would wait for them
  const deadline = now().getTime() + MINUTE
  while (isAlive(pid)) {
    if (now().getTime() > deadline) {
      throw new Stop(`Postgres (process ${pid}) didn't stop within a minute.`, { remedy: 'Stop it and try again.' })
    }
    await pause(20)
  }
}

/** Waits until the server's lock file says `ready`, which comes after crash recovery. */
async function waitUntilReady(data: string, pid: () => number, gone: AbortSignal): Promise<void> {
  const deadline = now().getTime() + 5 * MINUTE
  const file = join(data, 'postmaster.pid')
  while (!gone.aborted && now().getTime() < deadline) {
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
    if (Number(lines[0]) === pid() && lines[7]?.trim() === 'ready') return
    await pause(20, gone)
  }
  const reason = gone.aborted ? 'exited while it was starting' : "wasn't ready within 5 minutes"
  throw new Stop(`Postgres ${reason}.`, { remedy: 'See its log.' })
}

/** Creates the files of a new server. */
async function initdb(folder: string, args: string[], signal?: AbortSignal): Promise<void> {
  const draft = join(folder, 'programs')
  rmSync(draft, { recursive: true, force: true })
  try {
    const command = postgresCommand('initdb', args, creatingFolder(draft))
    const environment = postgresEnvironment(process.env)
    await promisify(execFile)(command.file, command.args, { timeout: 2 * MINUTE, signal, env: environment })
  } catch (cause) {
    if (cause instanceof Stop) throw cause
    const reason = messageOf(cause).trim()
    throw new Stop(`The database couldn't be created: ${reason}`, { cause, remedy: creationRemedy(reason) })
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** Finds a port that nothing listens on right now. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.on('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address ? done(address.port) : fail(new Error('no port'))))
    })
  })
}

/** The address of a database on the server that another process runs on `folder`. */
export function runningServerUrl(folder: string, database: string): string {
  const port = readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[3]
  return address(readFileSync(join(folder, 'password'), 'utf8'), Number(port), database)
}

function address(password: string, port: number, database: string): string {
  return `postgresql://${USER}:${password}@127.0.0.1:${port}/${database}`
}

/** Creates a database unless it exists. @param url of any database on the same server */
export async function createDatabase(url: string, name: string, template?: string): Promise<void> {
  await withClient(url, async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [name])
    if (found.rowCount) return
    const from = template ? ` template ${client.escapeIdentifier(template)}` : ''
    await client.query(`create database ${client.escapeIdentifier(name)}${from}`)
  })
}

/** Which of these databases a server has. @param url of any database on it */
export async function databasesAt(url: string, names: string[]): Promise<string[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      'select datname from pg_database where datname = any($1) order by datname',
      [names],
    )
    return rows.map(({ datname }) => datname)
  })
}

/** Runs `work` with one connection and closes it. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const { connectTimeoutMs } = connectionLimits(url)
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs })
  // A connection that breaks between two queries makes the next query fail. Without a listener, the process would exit.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Starts a server for one command or test run, without restarts. On Linux, it never outlives this process. */
export async function startPostgres(options: ClusterOptions): Promise<Cluster> {
  const cluster = await openCluster(options)
  const { file, args } = endingWithParent(cluster.command)
  const server = spawn(file, args, {
    env: postgresEnvironment(process.env),
    stdio: 'ignore',
    detached: true,
  })
  const gone = new AbortController()
  server.on('error', () => gone.abort()).on('exit', () => gone.abort())
  await cluster.ready(() => server.pid ?? 0, gone.signal)
  server.unref()
  return cluster
}
