'use client'

import { NativeSelect } from '@mantine/core'
import { asProblem } from '#app/_ui/answers.ts'
import { inSentences } from '#app/_ui/format.ts'
import { useZone } from '#app/_ui/me.tsx'
import { useSend } from '#app/_ui/use-answer.ts'
import type { SettingsAnswer } from '#lib/api/answers.ts'
import classes from './settings.module.css'
import { WEEKDAYS } from './weekdays.ts'

/** Browsers omit UTC and old zone names from their list. */
function zonesWith(chosen: string): string[] {
  return [...new Set([chosen, 'UTC', ...Intl.supportedValuesOf('timeZone')])].sort()
}

/** Time zone and start of the week. Each choice is saved right away. */
export function TimeSettings({ settings }: { settings: SettingsAnswer }) {
  const browserZone = useZone()
  const zone = settings.zone ?? browserZone
  const { mutate, isPending, isSuccess, error } = useSend<
    SettingsAnswer,
    Partial<Pick<SettingsAnswer, 'zone' | 'weekStart'>>
  >('PUT', '/api/settings', { quiet: true })
  const problem = error && asProblem(error)
  return (
    <div className={classes.fields}>
      <NativeSelect
        label="Time zone"
        description="Used for days, hours and schedules."
        data={zonesWith(zone)}
        value={zone}
        onChange={(event) => mutate({ zone: event.currentTarget.value })}
        error={problem && (problem.fields.zone ?? inSentences(problem.message, problem.remedy))}
        disabled={isPending}
      />
      <NativeSelect
        label="Week starts on"
        data={WEEKDAYS}
        value={String(settings.weekStart)}
        onChange={(event) => mutate({ weekStart: Number(event.currentTarget.value) })}
        disabled={isPending}
      />
      <p role="status" className={classes.saved}>
        {isSuccess && !isPending ? 'Saved.' : ''}
      </p>
    </div>
  )
}
