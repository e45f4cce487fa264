'use client'

import { Button } from '@mantine/core'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import { nameOf } from '#app/_ui/draw/cells.ts'
import { Panel } from '#app/_ui/panel.tsx'
import classes from '#app/_ui/recordings/recordings.module.css'
import { SongLine } from '#app/_ui/recordings/song-line.tsx'
import { useRecordings } from '#app/_ui/recordings/use-recordings.tsx'
import type { Track } from '#lib/api/client.ts'

// Rarely opened, and larger than the rest of the page's own script.
const SongPicker = dynamic(() => import('./song-picker.tsx').then((module) => module.SongPicker), { ssr: false })

const REASONS = { isrc: 'same ISRC', chosen: 'your choice' }

/** Which other songs count as this one, which ones may, and a search for more. */
export function RecordingPanel({ track }: { track: Track }) {
  const { countedTogether, alike } = track
  const { pending, join, separate } = useRecordings()
  const [isPicking, setPicking] = useState(false)
  const picked = (id: string) => {
    setPicking(false)
    join(id, track.id)
  }
  return (
    <Panel title="Same recording" id="recording">
      {countedTogether.length > 0 ? (
        <>
          <p className={classes.about}>
            Spotify has this recording more than once. Its plays count together with those of:
          </p>
          <ul className={classes.list}>
            {countedTogether.map((song) => (
              <SongLine
                key={song.id}
                song={song}
                detail={REASONS[song.why]}
                isPending={pending.has(song.id)}
                action={{ label: 'Count separately', onClick: () => separate(song.id) }}
              />
            ))}
          </ul>
        </>
      ) : (
        <p className={classes.about}>
          Spotify may have this recording more than once, for example on a single and an album. None of your other songs
          counts as this one.
        </p>
      )}
      {alike.length > 0 && (
        <>
          <h3 className={classes.subtitle}>Possibly the same</h3>
          <ul className={classes.list}>
            {alike.map((song) => (
              <SongLine
                key={song.id}
                song={song}
                isPending={pending.has(song.id)}
                action={{ label: 'Count together', onClick: () => join(song.id, track.id) }}
              />
            ))}
          </ul>
        </>
      )}
      <div className={classes.pick}>
        {isPicking ? (
          <SongPicker id={track.id} initial={nameOf(track)} onPick={picked} />
        ) : (
          <Button variant="default" size="compact-sm" onClick={() => setPicking(true)}>
            Same recording as…
          </Button>
        )}
      </div>
    </Panel>
  )
}
