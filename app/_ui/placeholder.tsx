import classes from './placeholder.module.css'

/** Reserves space for content that is loading. */
export function Placeholder({ height }: { height: number }) {
  return <div className={classes.block} style={{ height }} aria-hidden="true" />
}

/** Skeleton of a list: a picture and two lines of text per row. */
export function RowsPlaceholder({ rows, rowHeight }: { rows: number; rowHeight: number }) {
  return (
    <div aria-hidden="true">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are identical
        <div key={index} className={classes.row} style={{ height: rowHeight }}>
          <span className={classes.picture} />
          <span className={classes.text}>
            <span />
            <span />
          </span>
        </div>
      ))}
    </div>
  )
}

/** Skeleton of a row of tiles. */
export function TilesPlaceholder({ tiles, height }: { tiles: number; height: number }) {
  return (
    <div className={classes.tiles} aria-hidden="true">
      {Array.from({ length: tiles }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the tiles are identical
        <div key={index} className={classes.block} style={{ height }} />
      ))}
    </div>
  )
}
