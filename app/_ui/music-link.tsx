import type { ReactNode } from 'react'
import type { EntityKind } from '#lib/charts/chart.ts'
import { Link } from './link.tsx'

/** The name of a song, artist or album as a link to its page; plain text where it has no id. */
export function MusicLink({ kind, id, children }: { kind: EntityKind; id: string | null; children: ReactNode }) {
  return id ? <Link href={`/${kind}/${encodeURIComponent(id)}`}>{children}</Link> : children
}
