'use client'

import { Button } from '@mantine/core'
import { useState } from 'react'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { changeSchedule } from '#lib/api/client.ts'
import type { Schedule, SettingsResponse } from '#lib/api/settings.ts'
import { ScheduleForm, TooRareWarning } from './schedule-form.tsx'
import classes from './schedules.module.css'

/** Group names come in lower case, as they are used within sentences. */
const groupTitle = (group: string) => group.charAt(0).toUpperCase() + group.slice(1)

function NextRun({ schedule }: { schedule: Schedule }) {
  if (schedule.paused) return <p className={classes.quiet}>paused</p>
  if (!schedule.nextAt) return <p className={classes.quiet}>not scheduled</p>
  return (
    <p>
      <Moment at={schedule.nextAt} />
      <span className={classes.exact}>
        <Moment at={schedule.nextAt} as="exact" />
      </span>
    </p>
  )
}

function PauseButton({ schedule }: { schedule: Schedule }) {
  const { mutate, isPending } = useAction(changeSchedule)
  const label = schedule.paused ? 'Resume' : 'Pause'
  return (
    <Button
      variant="subtle"
      size="compact-sm"
      aria-label={`${label} ${schedule.group}`}
      loading={isPending}
      onClick={() => mutate({ group: schedule.group, paused: !schedule.paused })}
    >
      {label}
    </Button>
  )
}

interface LineProps {
  schedule: Schedule
  isOpen: boolean
  onOpen: () => void
  onClose: () => void
}

function ScheduleLine({ schedule, isOpen, onOpen, onClose }: LineProps) {
  const { group, label, every, streams } = schedule
  const title = groupTitle(group)
  const details = [...(label ? [title] : []), ...streams.filter((stream) => stream !== title || streams.length > 1)]
  return (
    <li>
      <div className={classes.line}>
        <div>
          <h3>{label ?? title}</h3>
          <p className={classes.quiet}>{details.join(' · ')}</p>
        </div>
        <div className={classes.every}>
          <p>{every}</p>
          <TooRareWarning group={group} kind={schedule.kind} />
        </div>
        <NextRun schedule={schedule} />
        <div className={classes.buttons}>
          {schedule.kind !== 'off' && <PauseButton schedule={schedule} />}
          <Button
            variant="default"
            size="compact-sm"
            aria-label={`Change ${group}`}
            aria-expanded={isOpen}
            onClick={isOpen ? onClose : onOpen}
          >
            Change
          </Button>
        </div>
      </div>
      {isOpen && <ScheduleForm schedule={schedule} onClose={onClose} />}
    </li>
  )
}

/** The sync schedules, one line per group. One at a time is open for editing. */
export function Schedules({ schedules }: Pick<SettingsResponse, 'schedules'>) {
  const [open, setOpen] = useState<string | null>(null)
  return (
    <Panel title="Schedules">
      <ul className={classes.schedules}>
        {schedules.map((schedule) => (
          <ScheduleLine
            key={schedule.group}
            schedule={schedule}
            isOpen={open === schedule.group}
            onOpen={() => setOpen(schedule.group)}
            onClose={() => setOpen(null)}
          />
        ))}
      </ul>
    </Panel>
  )
}
