import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readSettings, type Settings, SettingsProblem } from '#lib/core/config.ts'
import { messageOf, Stop } from '#lib/core/errors.ts'
import { isLocalOnly } from '#lib/core/loopback.ts'
import { newSecrets, readSecrets, type Secrets, saveSecrets } from '#lib/core/secrets.ts'
import { type AppDatabase, openAppDatabase } from './app-database.ts'
import { keepRunning, type SupervisedChild } from './child.ts'
import { childPlans } from './children.ts'
import { explainWrites, openDataFolder } from './data-folder.ts'
import { choosePorts, type Handover, listenAddress, localOrigin, type Ports, publicOrigin } from './environment.ts'
import { waitUntilHealthy } from './health.ts'
import { decideMode, keyRingOf, type Mode, usesEmbeddedEngine } from './mode.ts'
import { refuseTakenPort } from './ports.ts'
import { registerUntilAccepted } from './register-functions.ts'

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
  try {
    if (existsSync('.env')) process.loadEnvFile('.env')
    return await superviseWith(readSettings(process.env), development)
  } catch (error) {
    if (error instanceof SettingsProblem) console.error(error.message)
    else if (error instanceof Stop) console.error(`${error.message} ${error.remedy}`)
    else throw error
    return 1
  }
}

async function superviseWith(settings: Settings, development: boolean): Promise<number> {
  const folder = await openDataFolder(settings.DATA_DIR)
  const endings = new Endings()
  let database: AppDatabase | undefined
  try {
    // Invalid settings are refused before anything is started.
    const known = readSecrets(folder.path)
    const secrets = known ?? newSecrets()
    const mode = decideMode(settings, secrets)
    keyRingOf(settings, secrets)
    const ports = choosePorts(settings, process.env)
    await refuseTakenPorts(settings, ports, mode)

    database = await openAppDatabase(settings, folder.path, { onGivenUp: endings.giveUp }, endings.signal)
    await database.refuseLostKeys(secrets)
    if (!known) explainWrites(folder.path, () => saveSecrets(folder.path, secrets))
    return await runRounds({ settings, dataFolder: folder.path, ports, development, database }, endings)
  } catch (error) {
    // An error after the instance was told to end is a consequence of that.
    if (endings.decided) return conclude(endings.decided)
    throw error
  } finally {
    await database?.stop()
    folder.release()
  }
}

/** The first round ends and a second one starts when /setup turns the demo into a real instance. */
async function runRounds(instance: Instance, endings: Endings): Promise<number> {
  for (;;) {
    const ending = await runRound(instance, endings)
    if (ending.reason !== 'switch to real') return conclude(ending)
    console.log('a Spotify app is set: restarting as a real instance')
    endings.nextRound()
  }
}

function conclude(ending: Ending): number {
  if (ending.reason === 'given up') console.error(ending.message)
  return ending.reason === 'requested' ? 0 : 1
}

async function runRound(instance: Instance, endings: Endings): Promise<Ending> {
  const { settings, dataFolder, ports, development, database } = instance
  const secrets = rememberReal(settings, dataFolder)
  const mode = decideMode(settings, secrets)
  const handover: Handover = {
    settings,
    secrets,
    mode,
    dataFolder,
    databaseUrl: await database.prepare(mode),
    bootId: randomUUID(),
    setupCode: makeSetupCode(settings),
    development,
    ports,
  }
  const children = childPlans(handover).map((plan) =>
    keepRunning(plan, { onGivenUp: endings.giveUp, onMessage: endings.switchToReal }),
  )
  try {
    await waitUntilHealthy(localOrigin(settings.HOST, ports.web), handover.bootId, endings.signal)
    if (!endings.signal.aborted) announce(handover)
    registerWithInngest(handover, endings.signal)
    return await endings.first()
  } finally {
    await stopAll(children)
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

function announce({ settings, mode, setupCode }: Handover): void {
  const origin = publicOrigin(settings)
  if (mode.name === 'demo') console.log('demo mode: Spotify and its listeners are simulated')
  if (setupCode) console.log(`setup code for ${origin}/setup: ${setupCode} (required until the first sign-up)`)
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

async function stopAll(children: SupervisedChild[]): Promise<void> {
  await Promise.all(children.map((child) => child.stop()))
}

/** Collects reasons for ending; the first one counts. */
class Endings {
  #controller = new AbortController()
  #first: Ending | undefined

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.#request())
    // A parent with an IPC channel (bootstrap.mjs or a test) wants this process to end when it does.
    if (process.connected) process.on('disconnect', () => this.#request())
  }

  readonly giveUp = (message: string): void => this.#end({ reason: 'given up', message })
  readonly switchToReal = (): void => this.#end({ reason: 'switch to real' })

  /** Aborted as soon as there is a reason. */
  get signal(): AbortSignal {
    return this.#controller.signal
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

  nextRound(): void {
    this.#controller = new AbortController()
    this.#first = undefined
  }

  /** A second request exits at once; the next start ends the leftover processes. */
  #request(): void {
    if (this.#first?.reason === 'requested') process.exit(1)
    this.#end({ reason: 'requested' })
  }

  #end(ending: Ending): void {
    this.#first ??= ending
    this.#controller.abort()
  }
}
