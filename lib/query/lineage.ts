import type { Chart } from '#lib/charts/chart.ts'
import { everyParams } from '#lib/charts/every-params.ts'
import { type ChartName, chartNames, charts } from '#lib/charts/index.ts'
import type { TableName } from '#lib/core/table.ts'
import { tracklakeProject } from '#lib/models/project.ts'
import { IMPORTED_MUSIC } from '#lib/streams/imported-music.ts'
import { landedKinds } from '#lib/streams/index.ts'
import { MUSIC_TABLES } from '#lib/streams/music.ts'
import { tablesOf } from '#lib/streams/stream.ts'

/** From streams through tables to charts, as streams, dbt models and charts declare it. Tables are named schema.name. */

export interface TableLineage {
  /** Titles of the streams and imports that are loaded into it. */
  streams: string[]
  /** The tables that it is computed from. */
  reads: string[]
  /** The tables that are computed from it. */
  readBy: string[]
  charts: { name: ChartName; title: string }[]
}

const NONE: TableLineage = { streams: [], reads: [], readBy: [], charts: [] }

let cached: Map<string, TableLineage> | undefined

/** Where the rows of a table come from, and what is made of them. The same in every warehouse. */
export function lineageOf(table: TableName): TableLineage {
  cached ??= lineage()
  return cached.get(addressOf(table)) ?? NONE
}

function addressOf({ schema, name }: TableName): string {
  return `${schema}.${name}`
}

function lineage(): Map<string, TableLineage> {
  const tables = new Map<string, TableLineage>()
  const of = (address: string): TableLineage => {
    const known = tables.get(address) ?? { streams: [], reads: [], readBy: [], charts: [] }
    tables.set(address, known)
    return known
  }
  for (const kind of landedKinds)
    for (const table of [
      ...tablesOf(kind),
      ...(kind.music ? MUSIC_TABLES : []),
      ...(kind.importedMusic ? IMPORTED_MUSIC : []),
    ])
      of(addressOf(table)).streams.push(kind.title)
  addModels(of)
  for (const name of chartNames)
    for (const address of tablesOfChart(charts[name])) of(address).charts.push({ name, title: charts[name].title })
  return tables
}

function addModels(of: (address: string) => TableLineage): void {
  const models = tracklakeProject().models('duckdb', (schema, name) => `${schema}.${name}`)
  const layers = new Map(models.map(({ name, layer }) => [name, layer]))
  for (const { layer, name, refs, sources } of models) {
    const address = `${layer}.${name}`
    const reads = [...sources.map((source) => `raw.${source}`), ...refs.map((ref) => `${layers.get(ref)}.${ref}`)]
    of(address).reads.push(...reads)
    for (const read of reads) of(read).readBy.push(address)
  }
}

/** Which tables a chart needs can depend on its parameters. */
function tablesOfChart(chart: Chart): Set<string> {
  const needed = everyParams(chart.params).flatMap((params) =>
    chart.tables(chart.params.parse(params) as Record<string, string>),
  )
  return new Set(needed.map(addressOf))
}
