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
