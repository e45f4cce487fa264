import classes from './artwork.module.css'

interface Props {
  /** URL of the picture; null if Spotify has none. */
  src: string | null
  name: string
  /** Edge length in pixels; space is reserved while the picture loads. */
  size?: number
}

/** A square picture, uncropped and without overlay as Spotify asks, or a tile with the initial. */
export function Artwork({ src, name, size = 40 }: Props) {
  const box = { width: size, height: size, fontSize: size * 0.4 }
  if (!src) {
    return (
      <span className={classes.tile} style={box} aria-hidden="true">
        {[...name][0]?.toUpperCase() ?? '·'}
      </span>
    )
  }
  // biome-ignore lint/performance/noImgElement: Spotify's servers already deliver the right size
  return <img className={classes.picture} src={src} alt="" width={size} height={size} loading="lazy" />
}
