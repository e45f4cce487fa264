import { randomBytes, randomUUID } from 'node:crypto'
import { SECOND } from '#lib/core/clock.ts'
import { type Settings, SettingsProblem } from '#lib/core/config.ts'
import { messageOf, Stop } from '#lib/core/errors.ts'
import { isLocalOnly } from '#lib/core/loopback.ts'
import { newSecrets, readSecrets, type Secrets, saveSecrets } from '#lib/core/secrets.ts'
import { type AppDatabase, openAppDatabase } from './app-database.ts'
import { keepRunning } from './child.ts'
import { childPlans } from './children.ts'
import { explainWrites, openDataFolder } from './data-folder.ts'
import { choosePorts, type Handover, listenAddress, localOrigin, type Ports, publicOrigin } from './environment.ts'
import { reportProblems, waitUntilHealthy, whileReporting } from './health.ts'
import { decideMode, keyRingOf, type Mode, usesEmbeddedEngine } from './mode.ts'
import { refuseTakenPort } from './ports.ts'
import { withClient } from './postgres.ts'
import { readEnvironmentAndSecrets } from './read-environment.ts'
import { registerUntilAccepted } from './register-functions.ts'
import { hasListeners } from './sealed-rows.ts'
import { ignoreClosedTerminal, STOP_SIGNALS, whenNpmIsGone } from './stop-signals.mjs'

/** Why the processes of an instance have to end. */
type Ending = { reason: 'requested' } | { reason: 'given up'; message: string } | { reason: 'switch to real' }

interface Instance {
  settings: Settings
  dataFolder: string
  ports: Ports
  development: boolean
  database: AppDatabase
}

/**
 * Runs an instance until it is stopped (Ctrl-C, SIGTERM) or can't continue. Prints all messages for the operator.
 * @returns the exit code
 */
export async function supervise({ development }: { development: boolean }): Promise<number> {
  process.umask(0o077) // keeps the instance's files private, whatever the operator's umask is
  try {
    return await superviseWith(await readEnvironmentAndSecrets(process.env), development)
  } catch (error) {
    if (error instanceof SettingsProblem) console.error(error.message)
    else if (error instanceof Stop) console.error(`${error.message} ${error.remedy}`)
    else throw error
    return 1
  }
}

async function superviseWith(settings: Settings, development: boolean): Promise<number> {
  const endings = new Endings()
  const folder = await openDataFolder(settings.DATA_DIR)
  let database: AppDatabase | undefined
  try {
    // Invalid settings are refused before anything is started.
    const known = readSecrets(folder.path)
    const secrets = known ?? newSecrets()
    const mode = decideMode(settings, secrets)
    keyRingOf(settings, secrets)
    const ports = choosePorts(settings, process.env)
    await refuseTakenPorts(settings, ports, mode)
    if (endings.decided) return conclude(endings.decided)

    database = await whileReporting(
      () => 'waiting for Postgres; see logs/postgres.log in DATA_DIR',
      () => openAppDatabase(settings, folder.path, { onGivenUp: endings.giveUp }, endings.signal),
    )
    await endings.unlessEnded(database.refuseLostKeys(secrets))
    if (!known) explainWrites(folder.path, () => saveSecrets(folder.path, secrets))
    return await runRounds({ settings, dataFolder: folder.path, ports, development, database }, endings)
  } catch (error) {
    // An error after the instance was told to end is a consequence of that.
    if (endings.decided) return conclude(endings.decided)
    throw error
  } finally {
    await database?.stop(endings.hurry)
    folder.release()
  }
}

/** The first round ends and a second one starts when /setup turns the demo into a real instance. */
async function runRounds(instance: Instance, endings: Endings): Promise<number> {
  for (;;) {
    await runRound(instance, endings)
    if (!endings.startNextRound()) return conclude(await endings.first())
    console.log('a Spotify app is set: restarting as a real instance')
  }
}

function conclude(ending: Ending): number {
  if (ending.reason === 'given up') console.error(ending.message)
  return ending.reason === 'requested' ? 0 : 1
}

async function runRound(instance: Instance, endings: Endings): Promise<void> {
  const { settings, dataFolder, ports, development, database } = instance
  const secrets = rememberReal(settings, dataFolder)
  const mode = decideMode(settings, secrets)
  const handover: Handover = {
    settings,
    secrets,
    mode,
    dataFolder,
    databaseUrl: await whileReporting(
      () => 'the database is being migrated',
      () => endings.unlessEnded(database.prepare(mode)),
    ),
    bootId: randomUUID(),
    setupCode: makeSetupCode(settings),
    development,
    ports,
  }
  const children = childPlans(handover).map((plan) =>
    keepRunning(plan, { onGivenUp: endings.giveUp, onMessage: endings.switchToReal }),
  )
  try {
    const origin = localOrigin(settings.HOST, ports.web)
    await waitUntilHealthy(origin, handover.bootId, endings.signal)
    if (!endings.signal.aborted) await announce(handover)
    void reportProblems(origin, handover.bootId, endings.signal)
    registerWithInngest(handover, endings.signal)
    await endings.first()
  } finally {
    await Promise.all(children.map((child) => child.stop(endings.hurry)))
  }
}

/** Reads the secrets. If there is a Spotify app, saves that the instance is real from now on. */
function rememberReal(settings: Settings, dataFolder: string): Secrets {
  const secrets = readSecrets(dataFolder)
  if (!secrets) throw new Stop('secrets.json has disappeared from DATA_DIR.', { remedy: 'Restore it and start again.' })
  const { name, app } = decideMode(settings, secrets)
  if (name === 'demo' || !app || secrets.mode === 'real') return secrets
  const real: Secrets = { ...secrets, mode: 'real' }
  explainWrites(dataFolder, () => saveSecrets(dataFolder, real))
  return real
}

/** A code from the console protects /setup if other machines can reach it and it can change the app. */
function makeSetupCode(settings: Settings): string | undefined {
  if (settings.SPOTIFY_CLIENT_ID || isLocalOnly(settings)) return undefined
  return randomBytes(8).toString('hex')
}

async function announce({ settings, mode, setupCode, databaseUrl }: Handover): Promise<void> {
  const origin = publicOrigin(settings)
  if (mode.name === 'demo') console.log('demo mode: Spotify and its listeners are simulated')
  // After the first sign-up of a real instance, the code is useless.
  const opensSetup = mode.name === 'demo' || !(await withClient(databaseUrl, hasListeners))
  if (setupCode && opensSetup)
    console.log(`setup code for ${origin}/setup: ${setupCode} (required until the first sign-up)`)
  // A proxy that adds no headers looks like a browser on this machine.
  else if (opensSetup && !settings.SPOTIFY_CLIENT_ID)
    console.log('before a proxy makes this app public, set APP_URL, so that /setup requires a code')
  console.log(`ready on ${origin}`)
}

/** Registers the functions with an Inngest server; the embedded engine fetches them itself. */
function registerWithInngest({ settings, ports }: Handover, signal: AbortSignal): void {
  if (usesEmbeddedEngine(settings)) return
  const serveUrl = `${localOrigin(settings.HOST, ports.web)}/api/inngest`
  registerUntilAccepted(serveUrl, settings.INNGEST_SIGNING_KEY ?? '', signal).catch((error: unknown) =>
    console.error(`The functions couldn't be registered with Inngest: ${messageOf(error)}`),
  )
}

async function refuseTakenPorts(settings: Settings, ports: Ports, mode: Mode): Promise<void> {
  await refuseTakenPort(ports.web, listenAddress(settings.HOST), 'PORT')
  if (usesEmbeddedEngine(settings)) await refuseTakenPort(ports.engine, '127.0.0.1', 'ENGINE_PORT')
  if (mode.name === 'demo') await refuseTakenPort(ports.simulator, '127.0.0.1', 'SIMULATOR_PORT')
}

/**
 * Stop requests within this time count as one: Ctrl-C reaches all processes of the terminal, and npm and bootstrap.mjs
 * pass it on; systemd signals every process of a service.
 */
const SAME_REQUEST_MS = 2 * SECOND

/** Collects reasons for ending. The first one counts, unless there is a request to stop. */
class Endings {
  #controller = new AbortController()
  #first: Ending | undefined
  #requestedAt: number | undefined
  #hurry = new AbortController()

  constructor() {
    ignoreClosedTerminal()
    for (const signal of Object.keys(STOP_SIGNALS)) process.on(signal, () => this.#request(signal))
    // A parent with an IPC channel (bootstrap.mjs or a test) wants this process to end when it does.
    if (process.connected) process.on('disconnect', () => this.#request())
    whenNpmIsGone(() => this.#request())
  }

  readonly giveUp = (message: string): void => this.#end({ reason: 'given up', message })
  readonly switchToReal = (): void => this.#end({ reason: 'switch to real' })

  /** Aborted as soon as there is a reason. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Aborted when somebody presses Ctrl-C again instead of waiting for a clean stop. */
  get hurry(): AbortSignal {
    return this.#hurry.signal
  }

  get decided(): Ending | undefined {
    return this.#first
  }

  first(): Promise<Ending> {
    return new Promise((done) => {
      const check = () => this.#first && done(this.#first)
      this.signal.addEventListener('abort', check)
      check()
    })
  }

  /** @throws Error when the instance has to end before the work is done */
  async unlessEnded<T>(work: Promise<T>): Promise<T> {
    const ended = this.first().then(({ reason }) => Promise.reject(new Error(`interrupted: ${reason}`)))
    return Promise.race([work, ended])
  }

  /** @returns false unless the instance only ended to become a real one */
  startNextRound(): boolean {
    if (this.#first?.reason !== 'switch to real') return false
    this.#controller = new AbortController()
    this.#first = undefined
    return true
  }

  /** A second Ctrl-C, unless it is an echo of the first, kills the processes instead of waiting for them. */
  #request(signal?: string): void {
    const at = performance.now()
    this.#requestedAt ??= at
    if (signal === 'SIGINT' && at - this.#requestedAt > SAME_REQUEST_MS) this.#hurry.abort()
    this.#end({ reason: 'requested' })
  }

  #end(ending: Ending): void {
    if (ending.reason === 'requested') this.#first = ending
    this.#first ??= ending
    this.#controller.abort()
  }
}
