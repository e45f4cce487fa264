'use client'

import { useMe } from './me.tsx'

/** A name that opens the song or artist on Spotify. In the demo a name only: its music is made up, so no page has it. */
export function SpotifyLink({ name, url }: { name: string; url: string | null }) {
  const { demo } = useMe()
  if (!url || demo) return name
  return (
    <a href={url} target="_blank" rel="noreferrer" title={`${name} on Spotify`}>
      {name}
    </a>
  )
}
