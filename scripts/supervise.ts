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

/** Why the processes of an instance are to end. */
type Ending = { why: 'asked' } | { why: 'given up'; sentence: string } | { why: 'goes real' }

interface Instance {
  settings: Settings
  dataFolder: string
  ports: Ports
  development: boolean
  database: AppDatabase
}

/**
 * Runs an instance until it is asked to stop (Ctrl-C, SIGTERM) or cannot go on. Every sentence for the operator is
 * printed here. @returns the exit code
 */
export async function supervise({ development }: { development: boolean }): Promise<number> {
  try {
    if (existsSync('.env')) process.loadEnvFile('.env')
    return await superviseWith(readSettings(process.env), development)
  } catch (problem) {
    if (problem instanceof SettingsProblem) console.error(problem.message)
    else if (problem instanceof Stop) console.error(`${problem.message} ${problem.remedy}`)
    else throw problem
    return 1
  }
}

async function superviseWith(settings: Settings, development: boolean): Promise<number> {
  const folder = await openDataFolder(settings.DATA_DIR)
  const endings = new Endings()
  let database: AppDatabase | undefined
  try {
    // What the settings alone can refuse is refused before anything is started.
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
  } catch (problem) {
    // What fails after the end was decided fails because of it.
    if (endings.decided) return conclude(endings.decided)
    throw problem
  } finally {
    await database?.stop()
    folder.release()
  }
}

/** One round after the other: the second begins when /setup has turned the demo into a real instance. */
async function runRounds(instance: Instance, endings: Endings): Promise<number> {
  for (;;) {
    const ending = await runRound(instance, endings)
    if (ending.why !== 'goes real') return conclude(ending)
    console.log('a Spotify app is known now: starting again as a real instance')
    endings.nextRound()
  }
}

function conclude(ending: Ending): number {
  if (ending.why === 'given up') console.error(ending.sentence)
  return ending.why === 'asked' ? 0 : 1
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
    keepRunning(plan, { onGivenUp: endings.giveUp, onMessage: endings.goReal }),
  )
  try {
    await waitUntilHealthy(localOrigin(settings.HOST, ports.web), handover.bootId, endings.signal)
    if (!endings.signal.aborted) announce(handover)
    registerElsewhere(handover, endings.signal)
    return await endings.first()
  } finally {
    await stopAll(children)
  }
}

/** The stored secrets; an instance that knows a Spotify app notes that it is real from now on. */
function rememberReal(settings: Settings, dataFolder: string): Secrets {
  const secrets = readSecrets(dataFolder)
  if (!secrets) throw new Stop('secrets.json vanished from DATA_DIR.', { remedy: 'Restore it and start again.' })
  const { name, app } = decideMode(settings, secrets)
  if (name === 'demo' || !app || secrets.mode === 'real') return secrets
  const real: Secrets = { ...secrets, mode: 'real' }
  explainWrites(dataFolder, () => saveSecrets(dataFolder, real))
  return real
}

/** Opens /setup to whoever reads the console, where others than this machine may ask and /setup can change the app. */
function makeSetupCode(settings: Settings): string | undefined {
  if (settings.SPOTIFY_CLIENT_ID || isLocalOnly(settings)) return undefined
  return randomBytes(8).toString('hex')
}

function announce({ settings, mode, setupCode }: Handover): void {
  const origin = publicOrigin(settings)
  if (mode.name === 'demo') console.log('demo mode: Spotify is simulated and its listeners are invented')
  if (setupCode)
    console.log(`setup code for ${origin}/setup: ${setupCode} (wanted until somebody has signed up for real)`)
  console.log(`ready on ${origin}`)
}

/** A server of Inngest has to be told of the functions; the embedded engine asks for them. */
function registerElsewhere({ settings, ports }: Handover, signal: AbortSignal): void {
  if (usesEmbeddedEngine(settings)) return
  const serveUrl = `${localOrigin(settings.HOST, ports.web)}/api/inngest`
  registerUntilAccepted(serveUrl, settings.INNGEST_SIGNING_KEY ?? '', signal).catch((problem: unknown) =>
    console.error(`Inngest could not be told of the functions: ${messageOf(problem)}`),
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

/** Collects the reasons to end; the first one counts. */
class Endings {
  #controller = new AbortController()
  #first: Ending | undefined

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.#ask())
    // Set by the process that handed over to this one, or by a test: both want it to end with them.
    if (process.connected) process.on('disconnect', () => this.#ask())
  }

  readonly giveUp = (sentence: string): void => this.#end({ why: 'given up', sentence })
  readonly goReal = (): void => this.#end({ why: 'goes real' })

  /** Aborted as soon as there is a reason. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get decided(): Ending | undefined {
    return this.#first
  }

  first(): Promise<Ending> {
    return new Promise((done) => {
      const tell = () => this.#first && done(this.#first)
      this.signal.addEventListener('abort', tell)
      tell()
    })
  }

  nextRound(): void {
    this.#controller = new AbortController()
    this.#first = undefined
  }

  /** Asked a second time, it ends at once; what is left then is ended by the next start. */
  #ask(): void {
    if (this.#first?.why === 'asked') process.exit(1)
    this.#end({ why: 'asked' })
  }

  #end(ending: Ending): void {
    this.#first ??= ending
    this.#controller.abort()
  }
}
