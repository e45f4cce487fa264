/** The name in a row. Some local files on Spotify have none. */
export function nameOf(row: { name: string | null }): string {
  return row.name || 'Untitled'
}
