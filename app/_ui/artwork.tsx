import classes from './artwork.module.css'

interface Props {
  /** Address of the picture; null where Spotify has none. */
  src: string | null
  name: string
  /** Edge in pixels; the place is kept while the picture loads. */
  size?: number
}

/** A square picture, uncropped and without overlay, or a neutral tile with the initial. */
export function Artwork({ src, name, size = 40 }: Props) {
  const box = { width: size, height: size, fontSize: size * 0.4 }
  if (!src) {
    return (
      <span className={classes.tile} style={box} aria-hidden="true">
        {[...name][0]?.toUpperCase() ?? '·'}
      </span>
    )
  }
  // biome-ignore lint/performance/noImgElement: Spotify's own servers give the right size, nothing is to be optimised
  return <img className={classes.picture} src={src} alt="" width={size} height={size} loading="lazy" />
}
