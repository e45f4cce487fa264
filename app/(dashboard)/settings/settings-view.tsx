'use client'

import type { ApiTokensAnswer, SettingsAnswer } from '../../../lib/answers.ts'
import { asProblem } from '../../_ui/answers.ts'
import { PageTop } from '../../_ui/frame/page-top.tsx'
import { Columns, Panel } from '../../_ui/panel.tsx'
import { Placeholder } from '../../_ui/placeholder.tsx'
import { ProblemFace } from '../../_ui/problem.tsx'
import { ThemeSwitch } from '../../_ui/theme-switch.tsx'
import { useAnswer } from '../../_ui/use-answer.ts'
import { ErasePanel } from './erase-panel.tsx'
import { Notifications } from './notifications/notifications.tsx'
import { Schedules } from './schedules.tsx'
import { TimeSettings } from './time-settings.tsx'
import { TokensPanel } from './tokens-panel.tsx'

/** What a listener may choose, what runs when, and the way to delete everything. @param tokens known when it rendered */
export function SettingsView({ tokens }: { tokens: ApiTokensAnswer }) {
  const { data, isPending, error, refetch } = useAnswer<SettingsAnswer>('/api/settings')
  return (
    <>
      <PageTop title="Settings" />
      <Columns>
        <Panel title="Time">
          {isPending ? (
            <Placeholder height={160} />
          ) : data ? (
            <TimeSettings settings={data} />
          ) : (
            <ProblemFace problem={asProblem(error)} onRetry={() => refetch()} />
          )}
        </Panel>
        <Panel title="Theme">
          <ThemeSwitch />
        </Panel>
      </Columns>
      {data && <Schedules schedules={data.schedules} />}
      <Notifications />
      <TokensPanel initial={tokens} />
      <ErasePanel />
    </>
  )
}
