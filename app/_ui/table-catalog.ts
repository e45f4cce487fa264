import type { FileFormat } from '#lib/api/lists.ts'
import type { TableInfo } from '#lib/api/tables.ts'

/** A table's name in addresses and in lineage. */
export function addressOf({ schema, name }: Pick<TableInfo, 'schema' | 'name'>): string {
  return `${schema}.${name}`
}

/** The page of one table. */
export function tableHref(address: string): string {
  return `/data?table=${encodeURIComponent(address)}`
}

/** The file of a table in one format. */
export function fileHref(address: string, format: string): string {
  return `/api/tables/${encodeURIComponent(address)}.${format}`
}

/** The groups of the catalog, in the order data passes through them. */
export const GROUPS: Record<TableInfo['schema'], { title: string; about: string }> = {
  raw: { title: 'Raw', about: 'What was synced and imported, as it came.' },
  staging: { title: 'Staging', about: 'The raw tables under clear names, each play once.' },
  analytical: { title: 'Analytical', about: 'Plays, songs, artists, days and sessions, ready to be counted.' },
  reporting: { title: 'Reporting', about: 'What dashboards and BI tools read.' },
}

/** Models that people look for first; keys and bookkeeping last. Others stay in their order. */
const KINDS = ['fct_', 'dim_', 'agg_']

/** The order of tables within a group. */
export function byKind(one: TableInfo, other: TableInfo): number {
  const place = ({ schema, name }: TableInfo) => {
    const index = KINDS.findIndex((kind) => name.startsWith(kind))
    return schema !== 'analytical' || index >= 0 ? index : KINDS.length
  }
  return place(one) - place(other)
}

/** Whether each word of a search is in a table's title, name, description or columns. */
export function matchesTable({ schema, name, title, description, columns }: TableInfo, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const text = [`${schema}.${name}`, title, description, ...columns.map((column) => column.name)]
    .join(' ')
    .toLowerCase()
  return words.every((word) => text.includes(word))
}

export const FORMAT_LABELS: Record<FileFormat, string> = { csv: 'CSV', json: 'JSON', parquet: 'Parquet' }
