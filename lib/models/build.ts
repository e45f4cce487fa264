import { type Clock, now as present } from '#lib/core/clock.ts'
import type { Row } from '#lib/core/table.ts'
import { GENRE_MAP } from '#lib/streams/decisions.ts'
import { quote } from '#lib/warehouse/identifiers.ts'
import { CREATE_PAIRING, CREATE_TOUCHED, PAIRING_STATE, TOUCHED } from '#lib/warehouse/touched.ts'
import type { EmbeddedWarehouse, RunStatement } from '#lib/warehouse/warehouse.ts'
import { type ExclusionsSince, writeExclusions } from './exclusions.ts'
import { type GenreSources, removeUnused, type UnknownArtist, writeKnownGenres, writeOwnGenres } from './genres.ts'
import type { FullReason } from './outcomes.ts'
import {
  ARRIVED_SINCE,
  BATCH,
  createStatement,
  type Materialization,
  type Model,
  type NameOf,
  NOW,
  type Project,
  tracklakeProject,
} from './project.ts'
import { type RecordingChoice, writeChoices } from './recordings.ts'
import { type ModelSettings, writeSettings } from './settings.ts'
import { SOURCES } from './sources.ts'

export interface ModelResult {
  name: string
  materialized: Materialization
  /** Rows written; null for views, and for models that were left alone. */
  rows: number | null
  ms: number
}

export interface BuildResult {
  /** Null: only what had arrived was built. */
  full: FullReason | null
  ms: number
  models: ModelResult[]
  /** When the newest exclusion that it includes was decided; null without any. */
  exclusionsUntil: Date | null
  /** Played artists whose genres nobody has been asked about, most played first. */
  unknown: UnknownArtist[]
}

interface BuildOptions {
  /** Also when only some days have changed. Needed after rows were removed. */
  full?: boolean
  /** Written first; omitted: as they are. */
  settings?: ModelSettings
  /** Where new exclusions come from; omitted: none are new. */
  exclusionsSince?: ExclusionsSince
  /** All that the listener decided about recordings; omitted: as they are. */
  recordingChoices?: () => Promise<RecordingChoice[]>
  /** Where genres come from; omitted: none are new. */
  genres?: GenreSources
  /** A first step in the same transaction. */
  prepare?: (run: RunStatement) => Promise<unknown>
  now?: Clock
  project?: Project
}

const nameInFile: NameOf = (schema, name) => `${quote(schema)}.${quote(name)}`

/**
 * Brings all models of an embedded warehouse up to date, in one transaction: readers see the last build until this one
 * is complete, and a failed one changes nothing. Usually replaces only the days that plays have arrived for; builds
 * everything again when models, settings, imports or pairs have changed.
 */
export function buildModels(
  warehouse: EmbeddedWarehouse,
  {
    full = false,
    settings,
    exclusionsSince = async () => [],
    recordingChoices,
    genres = NO_GENRES,
    prepare,
    now = present,
    project = tracklakeProject(),
  }: BuildOptions = {},
): Promise<BuildResult> {
  const started = performance.now()
  return warehouse.build([...SOURCES], async (run) => {
    if (settings) await writeSettings(run, settings)
    const exclusionsUntil = await writeExclusions(run, exclusionsSince)
    if (recordingChoices) await writeChoices(run, await recordingChoices())
    await run('create schema if not exists tracklake')
    await run(CREATE_TOUCHED)
    await run(CREATE_PAIRING)
    await prepare?.(run)
    const builder = builderOf(run, project, now())
    const inputs = await inputsOf(run, project)
    const last = await lastBuild(run)
    await writeOwnGenres(run, genres, now())
    const reason = full ? 'requested' : reasonFor(inputs, last)
    const models = reason ? await builder.full() : await builder.incremental()
    const unmapped = await unmappedRows(run)
    const repeat = !reason && unmapped !== last?.unmapped
    const result = {
      full: repeat ? ('rows missing' as const) : reason,
      models: repeat ? await builder.full() : models,
    }
    if (result.full) await removeUnused(run)
    const { written, unknown } = await writeKnownGenres(run, genres, now())
    if (written) await builder.touchedBy(GENRE_MAP.name)
    await recordBuild(run, { inputs, unmapped: repeat ? await unmappedRows(run) : unmapped, builtAt: now() })
    return { ...result, exclusionsUntil, unknown, ms: performance.now() - started }
  })
}

const NO_GENRES: GenreSources = {
  choicesSince: async () => [],
  addChoices: async () => undefined,
  responses: async () => new Map(),
}

interface BuildState {
  /** Whatever leads to other models although no play has arrived. */
  inputs: string
  /** Loaded plays that no row of fct_plays stands for. Constant between full builds. */
  unmapped: number
}

function reasonFor(inputs: string, last: BuildState | undefined): FullReason | null {
  if (!last) return 'first build'
  return last.inputs === inputs ? null : 'inputs changed'
}

const RAW = Object.fromEntries(SOURCES.map(({ name }) => [name, nameInFile('raw', name)]))

async function inputsOf(run: RunStatement, project: Project): Promise<string> {
  const [inputs] = await run(`
    select
      (select count(*) from ${RAW.imported_plays}) as imported,
      (select max(revision) from ${PAIRING_STATE}) as pairing,
      settings.*
    from (select 1) as always left join ${RAW.settings} as settings on settings.id = 1`)
  return JSON.stringify([project.digest, inputs])
}

async function unmappedRows(run: RunStatement): Promise<number> {
  const [row] = await run(`
    select
      (select count(track_id) from ${RAW.plays})
      + (select count(*) from ${RAW.imported_plays})
      - (select count(*) from ${RAW.play_pairs})
      - (select count(*) from ${RAW.import_duplicates})
      - (select count(*) from ${nameInFile('analytical', 'fct_plays')}) as unmapped`)
  return Number(row?.unmapped)
}

async function lastBuild(run: RunStatement): Promise<BuildState | undefined> {
  await run(`create table if not exists tracklake.builds (inputs varchar, unmapped bigint, built_at timestamp)`)
  const [row] = await run('select inputs, unmapped from tracklake.builds')
  return row && { inputs: String(row.inputs), unmapped: Number(row.unmapped) }
}

async function recordBuild(run: RunStatement, state: BuildState & { builtAt: Date }): Promise<void> {
  await run(`delete from ${TOUCHED}`)
  await run('delete from tracklake.builds')
  await run('insert into tracklake.builds values (?, ?, ?)', [
    state.inputs,
    state.unmapped,
    state.builtAt.toISOString().replace('Z', ''),
  ])
}

const rendered = new WeakMap<Project, Model[]>()

/** Rendered once per process. */
function modelsOf(project: Project): Model[] {
  const models = rendered.get(project) ?? project.models('duckdb', nameInFile)
  rendered.set(project, models)
  return models
}

/** The temporary table for the rows that an incremental model replaces. */
const ARRIVED = 'tracklake_arrived'

function builderOf(run: RunStatement, project: Project, now: Date) {
  const models = modelsOf(project)
  let batch: Row | undefined
  const at = (sql: string) =>
    sql
      .replaceAll(NOW, now.toISOString().replace('Z', ''))
      .replaceAll(BATCH, String(batch?.batch))
      .replaceAll(ARRIVED_SINCE, String(batch?.arrived_since))

  async function timed(model: Model, work: () => Promise<number | null>): Promise<ModelResult> {
    const started = performance.now()
    const rows = await work()
    return { name: model.name, materialized: model.materialized, rows, ms: performance.now() - started }
  }

  async function create(model: Model): Promise<number | null> {
    const rows = written(await run(at(createStatement(model, nameInFile))))
    if (model.postHook) await run(at(model.postHook))
    return model.materialized === 'view' ? null : rows
  }

  async function replace({ name, layer, uniqueKey, incremental, postHook }: Model): Promise<number | null> {
    if (!incremental || !uniqueKey) return null
    const relation = nameInFile(layer, name)
    const rows = written(await run(`create or replace temp table ${ARRIVED} as\n${at(incremental)}`))
    if (rows === 0) return 0
    const key = quote(uniqueKey)
    await run(`delete from ${relation} where ${key} in (select ${key} from ${ARRIVED})`)
    await run(`insert into ${relation} by name select * from ${ARRIVED}`)
    if (postHook) await run(at(postHook))
    return rows
  }

  return {
    /** Writes every model from the start. */
    async full(): Promise<ModelResult[]> {
      for (const layer of new Set(models.map((model) => model.layer)))
        await run(`create schema if not exists ${quote(layer)}`)
      await dropOthers(run, models)
      const results: ModelResult[] = []
      for (const model of models) results.push(await timed(model, () => create(model)))
      return results
    },
    /** Replaces what has arrived in incremental models, and writes tables again. */
    async incremental(): Promise<ModelResult[]> {
      const results: ModelResult[] = []
      const touched = new Set((await run(`select distinct table_name from ${TOUCHED}`)).map((row) => row.table_name))
      const isUntouched = ({ touchedBy }: Model) => touchedBy.length > 0 && !touchedBy.some((name) => touched.has(name))
      for (const model of models) {
        if (model.materialized === 'view' || isUntouched(model)) continue
        results.push(await timed(model, () => (model.incremental ? replace(model) : create(model))))
        if (model.name === 'int_batch') batch = await batchOf(run, model)
      }
      await run(`drop table if exists ${ARRIVED}`)
      return results
    },
    /** Replaces what depends on a table that was written after the other models. */
    async touchedBy(table: string): Promise<void> {
      for (const model of models) if (model.touchedBy.includes(table)) await replace(model)
      await run(`drop table if exists ${ARRIVED}`)
    },
  }
}

/** The number of this build, and since when what arrived is new. */
async function batchOf(run: RunStatement, { layer, name }: Model): Promise<Row | undefined> {
  const [row] = await run(
    `select batch, cast(arrived_since as varchar) as arrived_since from ${nameInFile(layer, name)}`,
  )
  return row
}

/** How many rows a statement has written, as DuckDB's result says. */
function written([row]: Row[]): number {
  return Number(row?.count ?? 0)
}

/** Drops what is in the way: relations of models that are gone, or that are stored in another way now. */
async function dropOthers(run: RunStatement, models: Model[]): Promise<void> {
  const kept = new Set(
    models.map(
      ({ layer, name, materialized }) => `${layer}.${name}.${materialized === 'view' ? 'VIEW' : 'BASE TABLE'}`,
    ),
  )
  const existing = await run(`
    select table_schema as layer, table_name as name, table_type as type from information_schema.tables
    where table_schema in ('staging', 'analytical', 'reporting')`)
  for (const { layer, name, type } of existing) {
    if (kept.has(`${layer}.${name}.${type}`)) continue
    const kind = type === 'VIEW' ? 'view' : 'table'
    await run(`drop ${kind} if exists ${quote(String(layer))}.${quote(String(name))} cascade`)
  }
}
