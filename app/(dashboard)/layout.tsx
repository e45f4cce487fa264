import type { ReactNode } from 'react'
import { ChartMetadataProvider } from '#app/_ui/chart-metadata.tsx'
import { Frame } from '#app/_ui/frame/frame.tsx'
import { MeProvider } from '#app/_ui/me.tsx'
import { me } from '#lib/accounts/status.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { allChartMetadata } from '#lib/query/query-chart.ts'

export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const listener = await requireListener()
  return (
    <MeProvider initial={await me(listener)}>
      <ChartMetadataProvider charts={allChartMetadata()}>
        <Frame>{children}</Frame>
      </ChartMetadataProvider>
    </MeProvider>
  )
}
