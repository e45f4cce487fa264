import type { SavedQuery } from '#lib/api/sql.ts'

/** A command that runs a saved query, with a place for each parameter's value. */
export function scriptFor(origin: string, { name, parameters }: Pick<SavedQuery, 'name' | 'parameters'>): string {
  const lines = [
    'curl -G -H "Authorization: Bearer $TRACKLAKE_TOKEN"',
    ...parameters.map((parameter) => `  --data-urlencode "${parameter}=…"`),
    `  ${origin}/api/queries/${encodeURIComponent(name)}`,
  ]
  return lines.join(' \\\n')
}
