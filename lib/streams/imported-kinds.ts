import { audioFeatures } from './audio-features.ts'
import { importedCharts } from './imported-charts.ts'
import { importedPlays } from './imported-plays.ts'
import type { LandedKind } from './stream.ts'

/** What an import can bring besides plays. */
export const OTHER_KINDS: readonly LandedKind[] = [importedCharts, audioFeatures]

/** What an import can bring. Each kind has a read of its own, and a column `import_id`. */
export const IMPORTED_KINDS: readonly LandedKind[] = [importedPlays, ...OTHER_KINDS]

/** The id of the read that brings what an import has of a kind. That of its plays has the id of the import. */
export function importReadId(importId: string, { name }: Pick<LandedKind, 'name'>): string {
  return name === importedPlays.name ? importId : `${importId}-${name}`
}

/** The import that a read brings something of. */
export function importIdOf({ id, stream }: { id: string; stream: string }): string {
  return stream === importedPlays.name ? id : id.slice(0, -stream.length - 1)
}

/** Whether a kind comes from imports. */
export const isImported = ({ name }: Pick<LandedKind, 'name'>): boolean =>
  IMPORTED_KINDS.some((kind) => kind.name === name)
