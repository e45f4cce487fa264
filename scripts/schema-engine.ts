import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import type * as SchemaEngineModule from '@prisma/schema-engine-wasm'
import pg from 'pg'

/** Prisma's schema engine as WebAssembly. Prisma's command line would download a native program instead. */

// Type ids in Postgres.
const CHAR = 18
const UUID = 2950

/**
 * The SQL that turns the database at `url` into `schemaFile`; empty when they agree. Only compares the schema `public`.
 */
export async function diffToSchema(url: string, schemaFile: string): Promise<string> {
  const { SchemaEngine } = await loadEngine()
  const pool = new CatalogPool({ connectionString: url, connectionTimeoutMillis: 10_000, max: 2 })
  const adapters = bindMigrationAwareSqlAdapterFactory(new CatalogAdapters(pool))
  const files = [{ path: schemaFile, content: readFileSync(schemaFile, 'utf8') }]
  const engine = await SchemaEngine.new({ datamodels: undefined }, () => undefined, adapters)
  try {
    const { stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: dirname(schemaFile) },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    })
    const sql = stdout?.trim() ?? ''
    return sql === '-- This is an empty migration.' ? '' : sql
  } finally {
    engine.free()
    await pool.end()
  }
}

/**
 * The engine reads catalog columns of Postgres' one-byte "char" type, which the adapter rejects. These columns are
 * relabeled as uuid, which the catalog doesn't use, and passed to the engine as characters.
 */
class CatalogAdapters extends PrismaPg {
  override async connect() {
    const adapter = await super.connect()
    const queryRaw = adapter.queryRaw.bind(adapter)
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query)
      const columnTypes = result.columnTypes.map((type) =>
        type === ColumnTypeEnum.Uuid ? ColumnTypeEnum.Character : type,
      )
      return { ...result, columnTypes }
    }
    return adapter
  }
}

class CatalogPool extends pg.Pool {
  // biome-ignore lint/suspicious/noExplicitAny: the base class declares a dozen overloads
  override query(...args: any[]): any {
    // biome-ignore lint/suspicious/noExplicitAny: see above
    return (super.query as any)(...args).then((result: pg.QueryResult) => {
      for (const field of result.fields) if (field.dataTypeID === CHAR) field.dataTypeID = UUID
      return result
    })
  }
}

let loaded: Promise<typeof SchemaEngineModule> | undefined

/** Loaded once, because the glue code keeps pointers into the memory of one instance. */
function loadEngine(): Promise<typeof SchemaEngineModule> {
  loaded ??= instantiate()
  return loaded
}

/** The package's entry imports the .wasm file as a module, which only bundlers support. */
async function instantiate(): Promise<typeof SchemaEngineModule> {
  const folder = dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'))
  // The engine reports its panics here.
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => console.error(message) },
  })
  const glue = await import(pathToFileURL(join(folder, 'schema_engine_bg.js')).href)
  const bytes = readFileSync(join(folder, 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': glue })
  glue.__wbg_set_wasm(instance.exports)
  const { __wbindgen_start: start } = instance.exports
  if (typeof start === 'function') start()
  return glue
}
