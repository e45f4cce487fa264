import { LRUCache } from 'lru-cache'
import type { FileFormat } from '#lib/api/lists.ts'
import { MEDIA_TYPES, type TableInfo, type TablesResponse } from '#lib/api/tables.ts'
import { now, toIso, utcDay } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { db } from '#lib/db.ts'
import { describedModels } from '#lib/models/schema.ts'
import { keepsEmbeddedCopies } from '#lib/storage/destinations.ts'
import { hasEmbeddedCopy, openEmbeddedCopy } from '#lib/storage/places.ts'
import {
  columnDescriptions,
  type DescribedTable,
  describedTables,
  describeRaw,
  otherColumnDescriptions,
} from '#lib/streams/descriptions.ts'
import { EMBEDDED_KIND } from '#lib/warehouse/facts.ts'
import type { CatalogEntry, EmbeddedWarehouse, TableSize } from '#lib/warehouse/warehouse.ts'
import { archiveOf } from './files/archive.ts'
import { encoders } from './files/index.ts'
import { lineageOf } from './lineage.ts'
import { stoppable } from './running-downloads.ts'
import { writtenBy } from './written.ts'

/** All tables of a listener's embedded copy: what they hold, and their rows as files. */

/** A file on its way to the caller, who must read it to its end or return it. */
export interface Download {
  name: string
  mediaType: string
  bytes: AsyncGenerator<Uint8Array, void>
}

/** The tables that this version fills, by schema and name, in the order of a first run. */
const KNOWN = new Map<string, DescribedTable>(describedTables.map((table) => [addressOf(table), table] as const))
const ORDER = new Map([...KNOWN.keys()].map((address, index) => [address, index]))

function addressOf({ schema, name }: Pick<CatalogEntry, 'schema' | 'name'>): string {
  return `${schema}.${name}`
}

/** Sizes are read from the file once after each load. */
const MAX_CACHED = 200
const sizesSeen = new LRUCache<string, { version: number; sizes: Map<string, TableSize> }>({ max: MAX_CACHED })

/** @throws Refused 409 where no embedded copy is kept */
export function requireEmbeddedCopies(): void {
  if (keepsEmbeddedCopies()) return
  throw new Refused(
    409,
    'no-copy',
    'This instance keeps no built-in warehouse',
    'Your tables are in your own Snowflake. Query or unload them there.',
  )
}

/** The embedded copy, null before the first load. Opening one that is missing would create an empty file. */
async function copyOf(userId: string): Promise<EmbeddedWarehouse | null> {
  requireEmbeddedCopies()
  return hasEmbeddedCopy(userId) ? openEmbeddedCopy({ userId }) : null
}

/** All tables of a warehouse, whether this version knows them or not. Known ones come first. */
async function tablesIn(warehouse: EmbeddedWarehouse): Promise<CatalogEntry[]> {
  const place = (table: CatalogEntry) => ORDER.get(addressOf(table)) ?? ORDER.size
  return (await warehouse.catalog()).sort((one, other) => place(one) - place(other))
}

/** @throws Refused 409 where no embedded copy is kept */
export async function listTables(userId: string): Promise<TablesResponse> {
  const warehouse = await copyOf(userId)
  if (!warehouse) return { tables: [], publishedAt: null }
  const tables = await tablesIn(warehouse)
  const { dataVersion, dataAsOf } = await db().user.findUniqueOrThrow({ where: { id: userId } })
  const sizes = await sizesOf(warehouse, userId, tables, dataVersion)
  const [loads, build, lake] = await Promise.all([
    lastLoads(userId),
    lastBuild(userId),
    db().lakeConnection.findUnique({ where: { userId }, select: { publishedAt: true } }),
  ])
  return {
    publishedAt: toIso(lake?.publishedAt),
    tables: tables.map((table): TableInfo => {
      const known = KNOWN.get(addressOf(table))
      const size = sizes.get(addressOf(table))
      const load = known?.stream ? loads.get(known.stream) : undefined
      const written = table.schema === 'raw' ? undefined : build?.written.get(table.name)
      return {
        ...describeTable(table),
        rows: size?.rows ?? null,
        bytes: size?.bytes ?? null,
        loadedAt: toIso(load?.at ?? (written === undefined ? dataAsOf : build?.at)),
        lastChange: load && known?.isHistory === false ? load.counts : null,
        written: written ?? null,
        ...lineageOf(table),
      }
    }),
  }
}

type Description = Pick<TableInfo, 'schema' | 'name' | 'title' | 'description' | 'isView' | 'key' | 'columns'>

/** What is known about a table, for people. */
export function describeTable(table: CatalogEntry): Description {
  const known = KNOWN.get(addressOf(table))
  const raw = table.schema === 'raw' ? describeRaw(table.name) : undefined
  const model = table.schema === 'raw' ? undefined : describedModels().find(({ name }) => name === table.name)
  const ofModel = new Map(model?.columns.map(({ name, description }) => [name, description]))
  return {
    schema: table.schema,
    name: table.name,
    title: known?.title ?? raw?.title ?? model?.config.meta.title ?? table.name,
    description: known?.description ?? raw?.description ?? model?.description ?? '',
    isView: table.isView,
    key: known?.key ?? [],
    columns: Object.entries(table.columns).map(([name, type]) => ({
      name,
      type,
      description:
        (table.schema === 'raw' ? (columnDescriptions[name] ?? otherColumnDescriptions[name]) : ofModel.get(name)) ??
        '',
    })),
  }
}

async function sizesOf(
  warehouse: EmbeddedWarehouse,
  userId: string,
  tables: CatalogEntry[],
  version: number,
): Promise<Map<string, TableSize>> {
  const seen = sizesSeen.get(userId)
  const measurable = tables.filter(({ isView }) => !isView)
  // A table that was made since is missing in what was seen.
  if (seen?.version === version && measurable.every((table) => seen.sizes.has(addressOf(table)))) return seen.sizes
  const measured = await warehouse.sizes(measurable)
  const sizes = new Map(measured.map((size, index) => [addressOf(measurable[index] as CatalogEntry), size]))
  sizesSeen.set(userId, { version, sizes })
  return sizes
}

/** When the embedded copy last loaded each stream, and what that changed. */
async function lastLoads(userId: string) {
  const loads = await db().$queryRaw<({ stream: string; at: Date } & NonNullable<TableInfo['lastChange']>)[]>`
    select distinct on (r.stream) r.stream, l."loadedAt" as at,
      l."rowsNew" as new, l."rowsChanged" as changed, l."rowsRemoved" as removed
    from "LoadLedger" l
    join "WarehouseConnection" c on c.id = l."connectionId" and c."userId" = ${userId} and c.kind::text = ${EMBEDDED_KIND}
    join "StreamRead" r on r.id = l."readId"
    where l.state = 'loaded' and l."loadedAt" is not null
    order by r.stream, l."loadedAt" desc, r.id desc`
  return new Map(loads.map(({ stream, at, ...counts }) => [stream, { at, counts }]))
}

/** When the models were last built, and how many rows each table got. */
async function lastBuild(userId: string): Promise<{ at: Date; written: Map<string, number> } | null> {
  const build = await db().modelBuild.findFirst({
    where: { userId, problem: null },
    orderBy: { startedAt: 'desc' },
    select: { endedAt: true, models: true },
  })
  return build && { at: build.endedAt, written: new Map(writtenBy(build).map(({ name, rows }) => [name, rows])) }
}

/**
 * All rows of a table as a file.
 * @param file the table's name, with its schema or without, and a format: plays.csv
 * @throws Refused 404 for a table that isn't there, 409 where no embedded copy is kept
 */
export async function downloadTable(userId: string, file: string): Promise<Download> {
  const warehouse = await copyOf(userId)
  const [, name = '', ending = ''] = /^(.+)\.(\w+)$/.exec(file) ?? []
  const format = Object.keys(encoders).find((known): known is FileFormat => known === ending)
  if (!format)
    throw unknownTable(
      file,
      `Add ${Object.keys(encoders)
        .map((known) => `.${known}`)
        .join(', ')} to the name.`,
    )
  const tables = warehouse ? await tablesIn(warehouse) : []
  const table = tables.find((one) => one.name === name || addressOf(one) === name)
  if (!warehouse || !table)
    throw unknownTable(file, 'GET /api/tables lists your tables. They appear with the first sync.')
  return {
    name: `${safeName(table.name)}-${utcDay(now())}.${format}`,
    mediaType: MEDIA_TYPES[format],
    bytes: stoppable(userId, bytesOf(warehouse, table, format)),
  }
}

function unknownTable(file: string, remedy: string): Refused {
  return new Refused(404, 'unknown-table', `There is no table file "${file.slice(0, 100)}"`, remedy)
}

/** All rows of all tables in one archive. @throws Refused 409 where no embedded copy is kept */
export async function downloadEverything(userId: string, format: FileFormat): Promise<Download> {
  const warehouse = await copyOf(userId)
  const tables = warehouse ? await tablesIn(warehouse) : []
  const day = utcDay(now())
  const fileOf = ({ schema, name }: CatalogEntry) => `${schema}/${safeName(name)}.${format}`
  const readme = readmeOf(tables, fileOf, format, day)
  const files = tables.map((table) => ({
    name: fileOf(table),
    bytes: bytesOf(warehouse as EmbeddedWarehouse, table, format),
  }))
  return {
    name: `tracklake-${day}.zip`,
    mediaType: 'application/zip',
    bytes: stoppable(userId, archiveOf([{ name: 'README.txt', bytes: textOf(readme) }, ...files])),
  }
}

function bytesOf(warehouse: EmbeddedWarehouse, table: CatalogEntry, format: FileFormat) {
  return encoders[format](table.columns, warehouse.rowsOf({ ...table, key: [] }))
}

async function* textOf(text: string): AsyncGenerator<Uint8Array, void> {
  yield new TextEncoder().encode(text)
}

/** Names of files on every system, and in a header. */
export function safeName(name: string): string {
  return name.replaceAll(/[^\w-]+/g, '_').slice(0, 100)
}

const OF_FORMATS: Record<FileFormat, string> = {
  csv: [
    'CSV as in RFC 4180, UTF-8 with a byte order mark. An empty cell is null, "" is an empty text. Times are in UTC.',
    "A text that a spreadsheet would run as a formula has an apostrophe (') in front.",
  ].join('\r\n'),
  json: 'Each file is an array with an object for each row, one a line. Times are in UTC.',
  parquet: 'Parquet, compressed with Snappy. Times are in UTC, in milliseconds.',
}

function readmeOf(
  tables: CatalogEntry[],
  fileOf: (table: CatalogEntry) => string,
  format: FileFormat,
  day: string,
): string {
  const sections = tables.map((table) => {
    const { title, description, key, columns } = describeTable(table)
    const width = Math.max(...columns.map(({ name }) => name.length))
    return [
      fileOf(table),
      [title === table.name ? '' : `${title}. `, description].join(''),
      key.length > 0 ? `One row for each ${key.join(', ')}.` : '',
      ...columns.map(({ name, type, description }) =>
        `  ${name.padEnd(width)}  ${type.padEnd(9)}  ${description}`.trimEnd(),
      ),
    ].filter(Boolean)
  })
  const head = [
    `Your tables in Tracklake on ${day}.`,
    OF_FORMATS[format],
    'The files are written one after another. A sync that loads meanwhile shows in the later ones only.',
    'Names, artwork and links come from Spotify.',
  ]
  const none = tables.length === 0 ? [['There are no tables yet. They appear with the first sync.']] : []
  return [head, ...none, ...sections]
    .map((lines) => lines.join('\r\n'))
    .join('\r\n\r\n')
    .concat('\r\n')
}
