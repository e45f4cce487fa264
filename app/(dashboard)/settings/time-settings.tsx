'use client'

import { NativeSelect } from '@mantine/core'
import { inSentences } from '#app/_ui/format.ts'
import { useZone } from '#app/_ui/me.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { zonesWith } from '#app/_ui/zone-list.ts'
import { changeSettings } from '#lib/api/client.ts'
import type { SettingsResponse } from '#lib/api/settings.ts'
import classes from './settings.module.css'
import { WEEKDAYS } from './weekdays.ts'

/** Time zone and start of the week. Each choice is saved right away. */
export function TimeSettings({ settings }: { settings: SettingsResponse }) {
  const browserZone = useZone()
  const zone = settings.zone ?? browserZone
  const { mutate, isPending, isSuccess, error } = useAction(changeSettings, { quiet: true })
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
