import type { ReactNode } from 'react'
import { ChartMetadataProvider } from '#app/_ui/chart-metadata.tsx'
import { MeProvider } from '#app/_ui/me.tsx'
import { Shell } from '#app/_ui/shell/shell.tsx'
import { me } from '#lib/accounts/status.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { allChartMetadata } from '#lib/query/query-chart.ts'

export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const listener = await requireListener()
  return (
    <MeProvider initial={await me(listener)}>
      <ChartMetadataProvider charts={allChartMetadata()}>
        <Shell>{children}</Shell>
      </ChartMetadataProvider>
    </MeProvider>
  )
}
