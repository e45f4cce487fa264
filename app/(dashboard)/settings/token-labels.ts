import type { TokenScope } from '#lib/api/lists.ts'

/** Names and explanations of the token scopes. */
export const SCOPE_LABELS: Record<TokenScope, { label: string; help: string }> = {
  'read charts': { label: 'Read charts', help: 'The data behind the charts, as JSON.' },
  'read runs': { label: 'Read syncs', help: 'What was synced, when, and how it ended.' },
  'start runs': { label: 'Start syncs', help: '"Sync now", "Re-run" and "Cancel".' },
}

/** An example command for a terminal. */
export function exampleCommand(token: string, origin: string, scopes: TokenScope[]): string {
  const address = scopes.includes('read charts') ? '/api/charts/top-tracks' : '/api/runs'
  const method = !scopes.includes('read charts') && !scopes.includes('read runs') ? '-X POST ' : ''
  return `curl ${method}-H "Authorization: Bearer ${token}" ${origin}${address}`
}
