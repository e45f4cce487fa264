import { Button } from '@mantine/core'
import { nameOf } from '#app/_ui/draw/cells.ts'
import { formatCount, formatTrackLength } from '#app/_ui/format.ts'
import { MusicLink } from '#app/_ui/music-link.tsx'
import type { Song } from '#lib/api/music.ts'
import classes from './recordings.module.css'

interface Props {
  song: Song
  /** Further facts, before the plays. */
  detail?: string
  /** What its button does; a song that was just decided about has none. */
  action?: { label: string; onClick: () => void } | undefined
  isPending: boolean
}

/** One of several ids of a recording: its album and length tell it from the others. */
export function SongLine({ song, detail, action, isPending }: Props) {
  const name = nameOf(song)
  const facts = [
    song.album?.name,
    song.durationMs !== null && formatTrackLength(song.durationMs),
    formatCount(song.plays, 'play'),
    detail,
  ]
  return (
    <li className={classes.line}>
      <span className={classes.text}>
        <span className={classes.name}>
          <MusicLink kind="tracks" id={song.id}>
            {name}
          </MusicLink>
        </span>
        <span className={classes.detail}>{facts.filter(Boolean).join(' · ')}</span>
      </span>
      {isPending ? (
        <span className={classes.detail}>Updating…</span>
      ) : (
        action && (
          <Button
            variant="default"
            size="compact-sm"
            aria-label={`${action.label}: ${name}${song.album?.name ? `, ${song.album.name}` : ''}`}
            onClick={action.onClick}
          >
            {action.label}
          </Button>
        )
      )}
    </li>
  )
}
