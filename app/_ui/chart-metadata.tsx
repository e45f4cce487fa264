'use client'

import { createContext, type ReactNode, use } from 'react'
import type { ChartName } from '#lib/api/client.ts'
import type { ChartMetadata } from '#lib/charts/chart.ts'

type AllMetadata = Record<ChartName, ChartMetadata>

const Metadata = createContext<AllMetadata | null>(null)

/** Title, texts and drawing of a chart: the registry itself stays on the server. */
export function useChartMetadata(chart: ChartName): ChartMetadata {
  const all = use(Metadata)
  if (!all) throw new Error('useChartMetadata needs a ChartMetadataProvider above it')
  return all[chart]
}

/** Hands the metadata of all charts to the panels below. */
export function ChartMetadataProvider({ charts, children }: { charts: AllMetadata; children: ReactNode }) {
  return <Metadata value={charts}>{children}</Metadata>
}
