import classes from './snowflake.module.css'

/** Says that a choice was kept; silent before. */
export function Kept({ isKept }: { isKept: boolean }) {
  return (
    <span role="status" className={classes.dimmed}>
      {isKept ? 'Saved.' : ''}
    </span>
  )
}
