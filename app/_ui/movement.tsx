import classes from './movement.module.css'

/** Rank change since the previous list in words: positive is up, null is a new entry. */
export function formatMovement(change: number | null): string {
  if (change === null) return 'new entry'
  if (change === 0) return 'unchanged'
  const size = Math.abs(change)
  return `${change > 0 ? 'up' : 'down'} ${size} ${size === 1 ? 'place' : 'places'}`
}

function movementSymbol(change: number | null): string {
  if (change === null) return 'new'
  if (change === 0) return '–'
  return change > 0 ? `▲${change}` : `▼${-change}`
}

/** Shows ▲2, ▼1, – or new, with a text for the title and screen readers. */
export function Movement({ change }: { change: number | null }) {
  const direction = change === null ? 'new' : change > 0 ? 'up' : change < 0 ? 'down' : 'same'
  const text = formatMovement(change)
  return (
    <span className={classes.movement} data-direction={direction} role="img" aria-label={text} title={text}>
      {movementSymbol(change)}
    </span>
  )
}
