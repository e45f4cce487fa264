import classes from './snowflake.module.css'

/** Confirms that a choice was saved; empty before. */
export function SavedNote({ isSaved }: { isSaved: boolean }) {
  return (
    <span role="status" className={classes.dimmed}>
      {isSaved ? 'Saved.' : ''}
    </span>
  )
}
