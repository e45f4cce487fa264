import classes from './movement.module.css'

/** Places won since the list before: positive is up; null is new in the list. */
export function movementWords(change: number | null): string {
  if (change === null) return 'new in the list'
  if (change === 0) return 'as before'
  const size = Math.abs(change)
  return `${change > 0 ? 'up' : 'down'} ${size} ${size === 1 ? 'place' : 'places'}`
}

function movementSign(change: number | null): string {
  if (change === null) return 'new'
  if (change === 0) return '–'
  return change > 0 ? `▲${change}` : `▼${-change}`
}

/** ▲2, ▼1, – or new; the words stand in the title and are what screen readers say. */
export function Movement({ change }: { change: number | null }) {
  const way = change === null ? 'new' : change > 0 ? 'up' : change < 0 ? 'down' : 'same'
  const words = movementWords(change)
  return (
    <span className={classes.movement} data-way={way} role="img" aria-label={words} title={words}>
      {movementSign(change)}
    </span>
  )
}
