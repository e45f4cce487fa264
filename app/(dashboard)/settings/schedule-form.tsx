'use client'

import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useEffect } from 'react'
import { inSentences } from '#app/_ui/format.ts'
import { useZone } from '#app/_ui/me.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { useFormRules, violations } from '#app/_ui/use-form-rules.ts'
import { changeSchedule } from '#lib/api/client.ts'
import { SCHEDULE_KINDS, type ScheduleKind } from '#lib/api/lists.ts'
import type { Schedule, ScheduleChange } from '#lib/api/settings.ts'
import classes from './schedules.module.css'
import { WEEKDAYS } from './weekdays.ts'

const HOURS = Array.from({ length: 25 }, (_, hour) => ({
  value: String(hour),
  label: hour === 24 ? 'midnight' : `${hour}:00`,
}))

const KIND_LABELS: Record<ScheduleKind, string> = {
  recommended: 'Recommended',
  'every 15 minutes': 'Every 15 minutes',
  'every 30 minutes': 'Every 30 minutes',
  hourly: 'Hourly',
  daily: 'Daily',
  weekly: 'Weekly',
  off: 'Off',
}

/** Values of the fields, all as text. */
interface Values {
  kind: ScheduleKind
  fromHour: string
  toHour: string
  at: string
  weekday: string
  label: string
}

const valuesOf = ({ kind, fromHour, toHour, at, weekday, label }: Schedule): Values => ({
  kind,
  fromHour: String(fromHour),
  toHour: String(toHour),
  at: at ?? '',
  weekday: weekday === null ? '' : String(weekday),
  label: label ?? '',
})

/** The request body: only the fields that the chosen kind shows. */
function changeOf(group: string, { kind, fromHour, toHour, at, weekday, label }: Values): ScheduleChange {
  return {
    group,
    kind,
    label: label.trim() || null,
    ...(isOften(kind) ? { fromHour: Number(fromHour), toHour: Number(toHour) } : {}),
    ...(hasTime(kind) ? { at: at.trim() || null } : {}),
    ...(kind === 'weekly' ? { weekday: weekday === '' ? null : Number(weekday) } : {}),
  }
}

const isOften = (kind: ScheduleKind) => kind === 'every 15 minutes' || kind === 'every 30 minutes'
const hasTime = (kind: ScheduleKind) => kind === 'daily' || kind === 'weekly'

/** Warns about schedules too rare for recently played, the one thing Spotify forgets. */
export function TooRareWarning({ group, kind }: { group: string; kind: ScheduleKind }) {
  if (group !== 'recently played' || !['daily', 'weekly', 'off'].includes(kind)) return null
  return (
    <p className={classes.warning}>
      Spotify remembers only your last 50 plays. If you play more between two syncs, some are lost.
    </p>
  )
}

/** Changes the schedule of one group. Invalid values are marked at their fields and nothing is saved. */
export function ScheduleForm({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const { group, recommended } = schedule
  const zone = useZone()
  const form = useForm<Values>({
    initialValues: valuesOf(schedule),
    validate: useFormRules(
      () => import('#lib/api/settings.ts'),
      (contract, values: Values) => violations(contract.ScheduleChange, changeOf(group, values)),
    ),
  })
  const { mutate, isPending, error } = useAction(changeSchedule, {
    onDone: onClose,
    quiet: true,
  })
  const problem = error && asProblem(error)
  const { setErrors } = form
  useEffect(() => {
    if (error) setErrors(asProblem(error).fields)
  }, [error, setErrors])
  const { kind } = form.values
  return (
    <form
      aria-label={`Schedule for ${group}`}
      className={classes.form}
      onSubmit={form.onSubmit((values) => mutate(changeOf(group, values)))}
    >
      <NativeSelect
        label="How often"
        data={SCHEDULE_KINDS.map((value) => ({
          value,
          label: value === 'recommended' ? `${KIND_LABELS[value]}: ${recommended}` : KIND_LABELS[value],
        }))}
        {...form.getInputProps('kind')}
      />
      {kind !== schedule.kind && <TooRareWarning group={group} kind={kind} />}
      {isOften(kind) && (
        <>
          <NativeSelect label="From" description={zone} data={HOURS.slice(0, 24)} {...form.getInputProps('fromHour')} />
          <NativeSelect label="To" description={zone} data={HOURS.slice(1)} {...form.getInputProps('toHour')} />
        </>
      )}
      {kind === 'weekly' && (
        <NativeSelect
          label="Day"
          data={[{ value: '', label: 'Choose a day' }, ...WEEKDAYS]}
          {...form.getInputProps('weekday')}
        />
      )}
      {hasTime(kind) && (
        <TextInput
          label="At"
          description={`${zone}. Leave empty for around 5:00.`}
          placeholder="7:30"
          {...form.getInputProps('at')}
        />
      )}
      <TextInput
        label="Label"
        description="Optional. Your own name for this schedule."
        {...form.getInputProps('label')}
      />
      {problem && Object.keys(problem.fields).length === 0 && (
        <p role="alert" className={classes.problem}>
          {inSentences(problem.message, problem.remedy)}
        </p>
      )}
      <div className={classes.save}>
        <Button type="submit" size="sm" loading={isPending}>
          Save
        </Button>
        <Button variant="default" size="sm" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
