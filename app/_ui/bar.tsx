import classes from './bar.module.css'

interface Props {
  /** What is measured. */
  label: string
  /** 0 to 100 */
  percent: number
  /** The value as text, for screen readers. */
  text?: string
  tone?: 'running' | 'succeeded' | 'failed' | 'queued'
}

/** A thin bar that fills from the left. */
export function Bar({ label, percent, text, tone = 'running' }: Props) {
  return (
    <div
      className={classes.track}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={text}
    >
      <div className={classes.bar} data-tone={tone} style={{ width: `${percent}%` }} />
    </div>
  )
}
