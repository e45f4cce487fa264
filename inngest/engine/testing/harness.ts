import { createEngine } from '#inngest/engine/engine.ts'
import type { Engine, EngineOptions } from '#inngest/engine/options.ts'
import { pause } from '#lib/core/clock.ts'
import { testDatabase } from '#testing/postgres/database.ts'
import { KEYS, type MakeFunctions, type Ports, serveUrl, startApp } from './app.ts'
import { freePorts } from './ports.ts'

interface SentEvent {
  name: string
  id?: string
  data?: Record<string, unknown>
}

/** One app, one database and engines between them, all in this process. */
export interface EngineHarness {
  ports: Ports
  databaseUrl: string
  /** Takes the app away and brings it back. */
  stopApp(): void
  startApp(): Promise<void>
  send(event: SentEvent | SentEvent[]): Promise<string[]>
  /** Another engine on the same database; the caller starts it. It is stopped with the bed. */
  engine(options?: Partial<EngineOptions>): Engine
  close(): Promise<void>
}

/** A bed whose engine is at work. */
export async function startEngineHarness(makeFunctions: MakeFunctions, options?: Partial<EngineOptions>): Promise<EngineHarness> {
  const bed = await createEngineHarness(makeFunctions)
  await bed.engine(options).start()
  return bed
}

/** Makes app and database. No engine runs yet. */
export async function createEngineHarness(makeFunctions: MakeFunctions): Promise<EngineHarness> {
  const database = await testDatabase()
  const ports = await freePorts()
  let app = await startApp(ports, makeFunctions)
  const engines: Engine[] = []
  return {
    ports,
    databaseUrl: database.url,
    stopApp: () => app.close(),
    startApp: async () => {
      app = await startApp(ports, makeFunctions)
    },
    send: async (event) => (await app.inngest.send(event)).ids,
    engine: (options) => {
      const engine = createEngine({
        databaseUrl: database.url,
        port: ports.engine,
        appUrl: serveUrl(ports),
        backoffMs: () => 20,
        pollMs: 20,
        tickMs: 20,
        syncEveryMs: 200,
        freeEveryMs: 200,
        ...KEYS,
        ...options,
      })
      engines.push(engine)
      return engine
    },
    close: async () => {
      for (const engine of engines) await engine.stop()
      app.close()
      await database.drop()
    },
  }
}

/** Looks until `found` gives something true; the limit only ends what would never come. */
export async function eventually<T>(
  found: () => T | undefined | false | Promise<T | undefined | false>,
  patienceMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + patienceMs
  while (Date.now() < deadline) {
    const value = await found()
    if (value) return value
    await pause(10)
  }
  throw new Error(`this never came: ${found}`)
}
