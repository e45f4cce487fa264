import { audioFeatures, FeaturesPage } from '#lib/streams/audio-features.ts'
import { ImportedChartPage, importedCharts } from '#lib/streams/imported-charts.ts'
import type { LandedKind } from '#lib/streams/stream.ts'
import type { ChartPage, FeaturesPage as ReadFeatures } from './reader/messages.ts'

/** A page of something else than plays, as it is read from a file, or charts from a playlist. */
export type OtherPage = (Omit<ChartPage, 'source'> & { source: 'charts' | 'playlist' }) | ReadFeatures

/** The kind of a page, and the page as it lands. */
export function otherPage(
  page: OtherPage,
  of: { importId: string; member: number },
): { kind: LandedKind; content: object } {
  if (page.source === 'audio-features') return { kind: audioFeatures, content: FeaturesPage.parse({ ...page, ...of }) }
  const source = page.source === 'charts' ? 'csv' : page.source
  return { kind: importedCharts, content: ImportedChartPage.parse({ ...page, ...of, source }) }
}
