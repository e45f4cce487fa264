import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** docs/authorisation.md as data. */

const TABLE = join(import.meta.dirname, '..', 'docs', 'authorisation.md')

export const ROLES = ['anonymous', 'listener', 'other', 'admin', 'engine'] as const
export type Role = (typeof ROLES)[number]

export interface Rule {
  method: string
  /** With placeholders as in the folder names: /api/runs/[id]. */
  path: string
  /** Outcome per role: `yes`, `own`, `start`, `overview`, `open` or a status. */
  gets: Record<Role, string>
}

/** The rows of the table. @throws if the table has other columns */
export function readRules(): Rule[] {
  const lines = readFileSync(TABLE, 'utf8').split('\n')
  const cells = lines.filter((line) => line.startsWith('|')).map(cellsOf)
  const expected = ['Method', 'Path', ...ROLES].join()
  const headers = cells.filter(([first]) => first === 'Method')
  if (headers.length === 0 || headers.some((header) => header.join() !== expected))
    throw new Error(`docs/authorisation.md has a table with other columns than ${expected}`)
  const rows = cells.filter(([method = '']) => /^(GET|POST|PUT|DELETE)$/.test(method))
  const rules = rows.map(([method = '', path = '', ...cells]) => ({
    method,
    path,
    gets: Object.fromEntries(ROLES.map((role, index) => [role, cells[index] ?? ''])) as Rule['gets'],
  }))
  // What a rule deletes, the others still need.
  return rules.toSorted((one, other) => Number(one.method === 'DELETE') - Number(other.method === 'DELETE'))
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
}

/** The token scope of each address, by "GET /api/charts". Addresses not listed take no tokens. */
export function readScopes(): Map<string, string> {
  const lines = readFileSync(TABLE, 'utf8').matchAll(/^- `([A-Z]+ \S+)`: (.+)$/gm)
  return new Map([...lines].map(([, address = '', scope = '']) => [address, scope]))
}
