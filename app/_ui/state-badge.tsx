import type { ComponentType } from 'react'
import type { StreamRunState } from '#lib/api/lists.ts'
import type { Tone } from './bar.tsx'
import { STATE_LABELS } from './format-run.ts'
import { AlertIcon, CheckIcon, CrossIcon, DotsIcon, PauseIcon, SkipIcon, TurnIcon } from './icons.tsx'
import classes from './state-badge.module.css'

/** The one drawing of each state: badges, bars and status icons use it. */
const ICONS: Record<StreamRunState, { Icon: ComponentType<{ size?: number }>; tone: Tone }> = {
  queued: { Icon: DotsIcon, tone: 'queued' },
  running: { Icon: TurnIcon, tone: 'running' },
  waiting: { Icon: PauseIcon, tone: 'waiting' },
  succeeded: { Icon: CheckIcon, tone: 'succeeded' },
  'nothing new': { Icon: CheckIcon, tone: 'succeeded' },
  incomplete: { Icon: AlertIcon, tone: 'incomplete' },
  failed: { Icon: CrossIcon, tone: 'failed' },
  skipped: { Icon: SkipIcon, tone: 'skipped' },
  cancelled: { Icon: CrossIcon, tone: 'queued' },
}

export function toneOf(state: StreamRunState): Tone {
  return ICONS[state].tone
}

/** The state of a run or of one of its streams, as icon, color and label. */
export function StateBadge({ state }: { state: StreamRunState }) {
  const { Icon, tone } = ICONS[state]
  return (
    <span className={classes.badge} data-tone={tone}>
      <Icon size={16} />
      {STATE_LABELS[state]}
    </span>
  )
}
