'use client'

import { Button } from '@mantine/core'
import { useState } from 'react'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { changeSchedule } from '#lib/api/client.ts'
import type { Schedule, SettingsResponse } from '#lib/api/settings.ts'
import { ScheduleForm, TooRare } from './schedule-form.tsx'
import classes from './schedules.module.css'

function NextRun({ schedule }: { schedule: Schedule }) {
  if (schedule.paused) return <p className={classes.quiet}>paused</p>
  if (!schedule.nextAt) return <p className={classes.quiet}>not planned</p>
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
  const word = schedule.paused ? 'Resume' : 'Pause'
  return (
    <Button
      variant="subtle"
      size="compact-sm"
      aria-label={`${word} ${schedule.group}`}
      loading={isPending}
      onClick={() => mutate({ group: schedule.group, paused: !schedule.paused })}
    >
      {word}
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
  return (
    <li>
      <div className={classes.line}>
        <div>
          <h3>{label ?? group}</h3>
          <p className={classes.quiet}>{label ? `${group} · ${streams.join(' · ')}` : streams.join(' · ')}</p>
        </div>
        <div className={classes.every}>
          <p>{every}</p>
          <TooRare group={group} kind={schedule.kind} />
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

/** When which streams are fetched by themselves: one line for each group, one of them open to be changed. */
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
