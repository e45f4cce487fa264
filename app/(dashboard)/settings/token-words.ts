import type { TokenScope } from '#lib/api/lists.ts'

/** What each scope lets a script do, as the form says it. */
export const SCOPE_WORDS: Record<TokenScope, { word: string; help: string }> = {
  'read charts': { word: 'Read charts', help: 'What the pages draw, as JSON.' },
  'read runs': { word: 'Read runs', help: 'What ran, how it ended and what it found.' },
  'start runs': { word: 'Start runs', help: '"Run now", "Re-run" and "Cancel".' },
}

/** An example that a terminal understands. */
export function exampleOf(token: string, origin: string, scopes: TokenScope[]): string {
  const address = scopes.includes('read charts') ? '/api/charts/top-tracks' : '/api/runs'
  const method = !scopes.includes('read charts') && !scopes.includes('read runs') ? '-X POST ' : ''
  return `curl ${method}-H "Authorization: Bearer ${token}" ${origin}${address}`
}
