import { CheckIcon, CrossIcon, DotsIcon } from './icons.tsx'
import classes from './state-badge.module.css'

/** A fact that holds, does not hold, or is not known yet (null): icon, colour and word. */
export function YesNo({ yes, words }: { yes: boolean | null; words: string }) {
  const [Icon, tone] = yes === null ? [DotsIcon, 'queued'] : yes ? [CheckIcon, 'succeeded'] : [CrossIcon, 'failed']
  return (
    <span className={classes.badge} data-tone={tone}>
      <Icon size={16} />
      {words}
    </span>
  )
}
