'use client'

import { NativeSelect } from '@mantine/core'
import type { SettingsAnswer } from '../../../lib/answers.ts'
import { useZone } from '../../_ui/me.tsx'
import { useSend } from '../../_ui/use-answer.ts'
import classes from './settings.module.css'

/** ISO weekdays: 1 is Monday. */
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'].map((label, index) => ({
  value: String(index + 1),
  label,
}))

/** Browsers leave UTC and old names out of their list. */
function zonesWith(chosen: string): string[] {
  return [...new Set([chosen, 'UTC', ...Intl.supportedValuesOf('timeZone')])].sort()
}

/** Zone and start of the week; each is kept as soon as it is chosen. */
export function TimeSettings({ settings }: { settings: SettingsAnswer }) {
  const browserZone = useZone()
  const zone = settings.zone ?? browserZone
  const { mutate, isPending, isSuccess } = useSend<SettingsAnswer, Partial<Pick<SettingsAnswer, 'zone' | 'weekStart'>>>(
    'PUT',
    '/api/settings',
  )
  return (
    <div className={classes.fields}>
      <NativeSelect
        label="Time zone"
        description="Days, hours and waking hours follow it."
        data={zonesWith(zone)}
        value={zone}
        onChange={(event) => mutate({ zone: event.currentTarget.value })}
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
