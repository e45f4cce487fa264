'use client'

import { useEffect, useRef, useState } from 'react'
import classes from './artwork.module.css'

interface Props {
  /** URL of the picture; null if Spotify has none. */
  src: string | null
  name: string
  /** Edge length in pixels; space is reserved while the picture loads. */
  size?: number
}

/**
 * A square picture, uncropped and without overlay as Spotify asks. Shows a tile with the initial if there is no picture
 * or it fails to load, for example because the Content Security Policy blocks its host.
 */
export function Artwork({ src, name, size = 40 }: Props) {
  const [failed, setFailed] = useState<string | null>(null)
  const picture = useRef<HTMLImageElement>(null)
  // An image in the server's HTML may fail before React attaches onError. A lazy one that hasn't loaded yet isn't
  // complete.
  useEffect(() => {
    if (src && picture.current?.complete && picture.current.naturalWidth === 0) setFailed(src)
  }, [src])
  const box = { width: size, height: size, fontSize: size * 0.4 }
  if (!src || failed === src) {
    return (
      <span className={classes.tile} style={box} aria-hidden="true">
        {[...name][0]?.toUpperCase() ?? '·'}
      </span>
    )
  }
  return (
    // biome-ignore lint/performance/noImgElement: Spotify's servers already deliver the right size
    <img
      ref={picture}
      className={classes.picture}
      src={src}
      alt=""
      width={size}
      height={size}
      loading="lazy"
      onError={() => setFailed(src)}
    />
  )
}
