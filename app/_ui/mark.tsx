import { AlertIcon, CheckIcon, CrossIcon, DotsIcon, PauseIcon, TurnIcon } from './icons.tsx'
import classes from './state-badge.module.css'

const LOOKS = {
  good: { Icon: CheckIcon, tone: 'succeeded' },
  warning: { Icon: AlertIcon, tone: 'incomplete' },
  bad: { Icon: CrossIcon, tone: 'failed' },
  busy: { Icon: TurnIcon, tone: 'running' },
  waiting: { Icon: PauseIcon, tone: 'waiting' },
  unknown: { Icon: DotsIcon, tone: 'queued' },
}

export type MarkLook = keyof typeof LOOKS

/** How a fact is to be taken: icon, colour and word. */
export function Mark({ look, word }: { look: MarkLook; word: string }) {
  const { Icon, tone } = LOOKS[look]
  return (
    <span className={classes.badge} data-tone={tone}>
      <Icon size={16} />
      {word}
    </span>
  )
}
