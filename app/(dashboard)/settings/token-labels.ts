import type { TokenScope } from '#lib/api/lists.ts'

/** Names and explanations of the token scopes. */
export const SCOPE_LABELS: Record<TokenScope, { label: string; help: string }> = {
  'read charts': { label: 'Read charts', help: 'The data behind the charts, as JSON.' },
  'read tables': { label: 'Read tables', help: 'Every table of your warehouse, as CSV, JSON or Parquet.' },
  'read runs': { label: 'Read syncs', help: 'What was synced, when, and how it ended.' },
  'start runs': { label: 'Start syncs', help: '"Sync now", "Re-run" and "Cancel".' },
  'start imports': { label: 'Import files', help: 'Upload exported files; follow, cancel or undo their import.' },
  'run saved queries': { label: 'Run saved queries', help: 'Your saved SQL queries by name, as JSON, CSV or Parquet.' },
}

/** An example of what each scope allows, the clearest first. */
const EXAMPLES: [scope: TokenScope, method: string, address: string][] = [
  ['read charts', '', '/api/charts/top-tracks'],
  ['read tables', '', '/api/tables'],
  ['read runs', '', '/api/runs'],
  ['start runs', '-X POST ', '/api/runs'],
  ['start imports', '-F files=@my_spotify_data.zip ', '/api/imports'],
  ['run saved queries', '', '/api/queries'],
]

/** An example command for a terminal. */
export function exampleCommand(token: string, origin: string, scopes: TokenScope[]): string {
  const [, method, address] = EXAMPLES.find(([scope]) => scopes.includes(scope)) ?? ['', '', '/api/runs']
  return `curl ${method}-H "Authorization: Bearer ${token}" ${origin}${address}`
}
