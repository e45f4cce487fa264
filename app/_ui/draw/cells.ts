/** What a row is about; Spotify leaves some local files without a name. */
export function nameOf(row: { name: string | null }): string {
  return row.name || 'Without a name'
}
