import { AlertIcon, CheckIcon, CrossIcon, DotsIcon, PauseIcon, SkipIcon, TurnIcon } from './icons.tsx'
import classes from './state-badge.module.css'

const KINDS = {
  good: { Icon: CheckIcon, tone: 'succeeded' },
  warning: { Icon: AlertIcon, tone: 'incomplete' },
  bad: { Icon: CrossIcon, tone: 'failed' },
  busy: { Icon: TurnIcon, tone: 'running' },
  waiting: { Icon: PauseIcon, tone: 'waiting' },
  /** Nothing that anybody could change. */
  closed: { Icon: SkipIcon, tone: 'skipped' },
  unknown: { Icon: DotsIcon, tone: 'queued' },
}

export type StatusKind = keyof typeof KINDS

/** A status as icon, color and label. */
export function StatusIcon({ kind, label }: { kind: StatusKind; label: string }) {
  const { Icon, tone } = KINDS[kind]
  return (
    <span className={classes.badge} data-tone={tone}>
      <Icon size={16} />
      {label}
    </span>
  )
}
