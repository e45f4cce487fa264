/**
 * The server validates rows against the chart's schema, but they reach the drawings untyped. These functions read one
 * cell as the type a drawing needs, and throw if a chart names the wrong field.
 */
export type ChartRow = Record<string, unknown>

function wrongField(row: ChartRow, name: string, expected: string): TypeError {
  return new TypeError(`A chart's row has no ${expected} "${name}", only ${Object.keys(row).join(', ')}.`)
}

export function text(row: ChartRow, name: string): string {
  const cell = row[name]
  if (typeof cell !== 'string') throw wrongField(row, name, 'text')
  return cell
}

export function optionalText(row: ChartRow, name: string): string | null {
  return row[name] == null ? null : text(row, name)
}

export function number(row: ChartRow, name: string): number {
  const cell = row[name]
  if (typeof cell !== 'number') throw wrongField(row, name, 'number')
  return cell
}

export function optionalNumber(row: ChartRow, name: string): number | null {
  return row[name] == null ? null : number(row, name)
}

/** The name in a row. Some local files on Spotify have none. */
export function nameOf(row: ChartRow, field = 'name'): string {
  return optionalText(row, field) || 'Untitled'
}
