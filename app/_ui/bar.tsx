import classes from './bar.module.css'

/** A color of the theme: `--state-<tone>`. */
export type Tone = 'running' | 'succeeded' | 'incomplete' | 'failed' | 'waiting' | 'queued' | 'skipped'

interface Props {
  /** What is measured. */
  label: string
  /** 0 to 100; null if unknown. */
  percent: number | null
  /** The value as text, for screen readers. */
  text?: string
  tone?: Tone
}

/** Shown while the progress is unknown, so that the bar is visible. */
const UNKNOWN_WIDTH = 5

/** A thin bar that fills from the left. A skipped one is hatched over its whole length. */
export function Bar({ label, percent, text, tone = 'running' }: Props) {
  return (
    <div
      className={classes.track}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent ?? undefined}
      aria-valuetext={text}
    >
      <div
        className={classes.bar}
        data-tone={tone}
        style={{ width: `${tone === 'skipped' ? 100 : (percent ?? UNKNOWN_WIDTH)}%` }}
      />
    </div>
  )
}
