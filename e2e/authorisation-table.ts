import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** docs/authorisation.md as data. */

const TABLE = join(import.meta.dirname, '..', 'docs', 'authorisation.md')

export const ROLES = ['anonymous', 'listener', 'other', 'admin', 'engine'] as const
export type Role = (typeof ROLES)[number]

export interface Rule {
  method: string
  /** With the placeholders of its folder: /api/runs/[id]. */
  path: string
  /** What each role gets: `yes`, `own`, `start`, `overview`, `open` or a status. */
  gets: Record<Role, string>
}

/** The rows of the table. @throws when its head is another one */
export function readRules(): Rule[] {
  const lines = readFileSync(TABLE, 'utf8').split('\n')
  const [head, , ...rows] = lines.filter((line) => line.startsWith('|')).map(cellsOf)
  const wanted = ['Method', 'Path', ...ROLES]
  if (head?.join() !== wanted.join()) throw new Error(`docs/authorisation.md has no table with ${wanted.join(', ')}`)
  return rows.map(([method = '', path = '', ...cells]) => ({
    method,
    path,
    gets: Object.fromEntries(ROLES.map((role, index) => [role, cells[index] ?? ''])) as Rule['gets'],
  }))
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
}

/** What a token needs for an address, by "GET /api/charts"; addresses that are missing take none. */
export function readScopes(): Map<string, string> {
  const lines = readFileSync(TABLE, 'utf8').matchAll(/^- `([A-Z]+ \S+)`: (.+)$/gm)
  return new Map([...lines].map(([, address = '', scope = '']) => [address, scope]))
}
