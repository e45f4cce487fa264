import classes from './placeholder.module.css'

/** Keeps the place of what is being loaded. */
export function Placeholder({ height }: { height: number }) {
  return <div className={classes.block} style={{ height }} aria-hidden="true" />
}

/** The shape of a list: a picture and two lines of text in each row. */
export function RowsPlaceholder({ rows, rowHeight }: { rows: number; rowHeight: number }) {
  return (
    <div aria-hidden="true">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <div key={index} className={classes.row} style={{ height: rowHeight }}>
          <span className={classes.picture} />
          <span className={classes.words}>
            <span />
            <span />
          </span>
        </div>
      ))}
    </div>
  )
}

/** The shape of a row of tiles. */
export function TilesPlaceholder({ tiles, height }: { tiles: number; height: number }) {
  return (
    <div className={classes.tiles} aria-hidden="true">
      {Array.from({ length: tiles }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the tiles are all alike
        <div key={index} className={classes.block} style={{ height }} />
      ))}
    </div>
  )
}
