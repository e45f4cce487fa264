import { AlertIcon, CheckIcon, CrossIcon, DotsIcon } from './icons.tsx'
import classes from './state-badge.module.css'

const LOOKS = {
  good: { Icon: CheckIcon, tone: 'succeeded' },
  warning: { Icon: AlertIcon, tone: 'incomplete' },
  bad: { Icon: CrossIcon, tone: 'failed' },
  unknown: { Icon: DotsIcon, tone: 'queued' },
}

/** How a fact is to be taken: icon, colour and word. */
export function Mark({ look, word }: { look: keyof typeof LOOKS; word: string }) {
  const { Icon, tone } = LOOKS[look]
  return (
    <span className={classes.badge} data-tone={tone}>
      <Icon size={16} />
      {word}
    </span>
  )
}
