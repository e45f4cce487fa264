'use client'

import { Columns, Panel } from '#app/_ui/panel.tsx'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { ThemeSwitch } from '#app/_ui/theme-switch.tsx'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getSettings } from '#lib/api/client.ts'
import type { ApiTokensResponse } from '#lib/api/tokens.ts'
import { CountingSettings } from './counting-settings.tsx'
import { DeleteAccountPanel } from './delete-account-panel.tsx'
import { Notifications } from './notifications/notifications.tsx'
import { RecordingsPanel } from './recordings-panel.tsx'
import { Schedules } from './schedules.tsx'
import { SessionsPanel } from './sessions-panel.tsx'
import { TimeSettings } from './time-settings.tsx'
import { TokensPanel } from './tokens-panel.tsx'

/** Settings, schedules, notifications, tokens, and account deletion. @param tokens rendered by the server */
export function SettingsView({ tokens }: { tokens: ApiTokensResponse }) {
  const { data, isPending, error, refetch } = useEndpoint(getSettings)
  return (
    <>
      <PageHeader title="Settings" />
      <Columns>
        <Panel title="Time">
          {isPending ? (
            <Placeholder height={160} />
          ) : data ? (
            <TimeSettings settings={data} />
          ) : (
            <ProblemPanel problem={asProblem(error)} onRetry={() => refetch()} />
          )}
        </Panel>
        <Panel title="Theme">
          <ThemeSwitch />
        </Panel>
      </Columns>
      <CountingSettings />
      <RecordingsPanel />
      {data && <Schedules schedules={data.schedules} />}
      <Notifications />
      <SessionsPanel />
      <TokensPanel initial={tokens} />
      <DeleteAccountPanel />
    </>
  )
}
