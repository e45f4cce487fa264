/**
 * The server has checked each row against its chart's shape, but a row reaches the drawings without its type. These
 * read one cell as what the drawing needs and say so when a chart names the wrong field.
 */
export type ChartRow = Record<string, unknown>

function wrong(row: ChartRow, name: string, wanted: string): TypeError {
  return new TypeError(`A chart's row has no ${wanted} "${name}", only ${Object.keys(row).join(', ')}.`)
}

export function text(row: ChartRow, name: string): string {
  const cell = row[name]
  if (typeof cell !== 'string') throw wrong(row, name, 'text')
  return cell
}

export function optionalText(row: ChartRow, name: string): string | null {
  return row[name] == null ? null : text(row, name)
}

export function number(row: ChartRow, name: string): number {
  const cell = row[name]
  if (typeof cell !== 'number') throw wrong(row, name, 'number')
  return cell
}

export function optionalNumber(row: ChartRow, name: string): number | null {
  return row[name] == null ? null : number(row, name)
}

/** What the row is about; Spotify leaves some local files without a name. */
export function nameOf(row: ChartRow, field = 'name'): string {
  return optionalText(row, field) || 'Without a name'
}
