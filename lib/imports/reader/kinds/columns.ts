/** Columns of a CSV by their names, which differ between programs. */

/** "Track URI", "track_uri" and "trackUri" are one name; so is "Date#name of a user" and "date". */
function plainName(header: string): string {
  return header
    .replace(/#.*$/, '')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
}

/** Where each field is, by the first of its names that occurs. */
export function columnsOf<Name extends string>(
  header: string[],
  names: Record<Name, readonly string[]>,
): Partial<Record<Name, number>> {
  const plain = header.map(plainName)
  const found: Partial<Record<Name, number>> = {}
  for (const name of Object.keys(names) as Name[]) {
    const index = names[name].map((one) => plain.indexOf(one)).find((at) => at !== -1)
    if (index !== undefined) found[name] = index
  }
  return found
}

/** Whether every field of a list was found. */
export function hasAll<Name extends string, Needed extends Name>(
  columns: Partial<Record<Name, number>>,
  ...needed: Needed[]
): columns is Partial<Record<Name, number>> & Record<Needed, number> {
  return needed.every((name) => columns[name] !== undefined)
}

export function cellOf(cells: string[], column: number | undefined): string | undefined {
  return column === undefined ? undefined : cells[column]
}
