import { createHash } from 'node:crypto'

/**
 * A name as search and pairing compare it: lower case, without accents, with single spaces. Done here because the
 * warehouses fold differently.
 */
export function fold(name: string): string {
  // Only Latin, Greek and Cyrillic accents: in other scripts, marks are letters.
  return name
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/** The id of music that Spotify has none for, such as a local file: `n-` and 16 hex digits that depend on its names. */
export function idFromNames(...names: (string | null | undefined)[]): string {
  const folded = names.map((name) => fold(name ?? '')).join('\n')
  return `n-${createHash('sha256').update(folded).digest('hex').slice(0, 16)}`
}
