import { formatCount, formatNumber } from '#app/_ui/format.ts'
import type { TableInfo } from '#lib/api/tables.ts'

/** What the last load or build did to a table: "12 new, 3 changed". Empty if nothing is known. */
export function formatChange({ lastChange, written }: Pick<TableInfo, 'lastChange' | 'written'>): string {
  if (written !== null) return written === 0 ? 'nothing to write' : `${formatCount(written, 'row')} written`
  if (!lastChange) return ''
  const parts = (['new', 'changed', 'removed'] as const).flatMap((kind) =>
    lastChange[kind] > 0 ? [`${formatNumber(lastChange[kind])} ${kind}`] : [],
  )
  return parts.join(', ') || 'nothing new'
}
