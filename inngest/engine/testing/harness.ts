import { createEngine } from '#inngest/engine/engine.ts'
import type { Engine, EngineOptions } from '#inngest/engine/options.ts'
import { testDatabase } from '#testing/postgres/database.ts'
import { freePorts, KEYS, type MakeFunctions, type Ports, serveUrl, startApp } from './app.ts'

interface SentEvent {
  name: string
  id?: string
  data?: Record<string, unknown>
}

/** An app, a database and any number of engines, all in this process. */
export interface EngineHarness {
  ports: Ports
  databaseUrl: string
  stopApp(): void
  startApp(): Promise<void>
  send(event: SentEvent | SentEvent[]): Promise<string[]>
  /** Creates another engine on the same database. The caller starts it; `close` stops it. */
  engine(options?: Partial<EngineOptions>): Engine
  close(): Promise<void>
}

/** Creates a harness and starts its engine. */
export async function startEngineHarness(
  makeFunctions: MakeFunctions,
  options?: Partial<EngineOptions>,
): Promise<EngineHarness> {
  const harness = await createEngineHarness(makeFunctions)
  await harness.engine(options).start()
  return harness
}

/** Creates the app and the database, but starts no engine. */
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
