'use client'

import { Button } from '@mantine/core'
import { useState } from 'react'
import { formatCount } from '#app/_ui/format.ts'
import { useMe } from '#app/_ui/me.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import classes from '#app/_ui/recordings/recordings.module.css'
import { SongLine } from '#app/_ui/recordings/song-line.tsx'
import { useRecordings } from '#app/_ui/recordings/use-recordings.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getRecordings } from '#lib/api/client.ts'
import type { RecordingsResponse } from '#lib/api/recordings.ts'

/** How many of each are shown at first. */
const FIRST = 5

const REASONS = { isrc: 'same ISRC', chosen: 'your choice' }

/** Songs that count as one recording, songs that may, and songs that the listener counts separately. */
export function RecordingsPanel() {
  // Only the built-in warehouse can list them.
  const isOffered = useMe().serving === 'embedded'
  const { data, error, isPending, refetch } = useEndpoint(getRecordings, { enabled: isOffered })
  if (!isOffered) return null
  return (
    <Panel title="Same recordings" id="recordings">
      {data ? (
        <Lists {...data} />
      ) : isPending ? (
        <Placeholder height={160} />
      ) : (
        <ProblemPanel problem={asProblem(error)} onRetry={() => refetch()} />
      )}
    </Panel>
  )
}

function Lists({ recordings, separate: alone, suggestions }: RecordingsResponse) {
  const { pending, join, separate, forget } = useRecordings()
  const isEmpty = recordings.length + alone.length + suggestions.length === 0
  return (
    <>
      <p className={classes.about}>
        Spotify often has several ids for one recording. Songs with the same international code (ISRC) count as one; you
        can count others together here or on a song’s page.
        {isEmpty && ' Nothing you’ve played has more than one id so far.'}
      </p>
      <Group
        title="Possibly the same"
        items={suggestions}
        render={({ song, recording }) => (
          <div key={`${song.id} ${recording.id}`} className={classes.group}>
            <ul className={classes.list}>
              <SongLine song={recording} detail={recording.artists ?? ''} isPending={false} />
              <SongLine
                song={song}
                isPending={pending.has(song.id)}
                action={{ label: 'Count together', onClick: () => join(song.id, recording.id) }}
              />
            </ul>
            <Button variant="subtle" color="gray" size="compact-sm" onClick={() => separate(song.id)}>
              Not the same
            </Button>
          </div>
        )}
      />
      <Group
        title="Counted together"
        items={recordings}
        render={(recording) => (
          <div key={recording.id} className={classes.group}>
            <ul className={classes.list}>
              <SongLine song={recording} detail={recording.artists ?? ''} isPending={false} />
              {recording.songs.map((song) => (
                <SongLine
                  key={song.id}
                  song={song}
                  detail={REASONS[song.why]}
                  isPending={pending.has(song.id)}
                  action={{ label: 'Count separately', onClick: () => separate(song.id) }}
                />
              ))}
            </ul>
          </div>
        )}
      />
      <Group
        title="Counted separately"
        items={alone}
        render={(song) => (
          <ul key={song.id} className={classes.list}>
            <SongLine
              song={song}
              detail={song.artists ?? ''}
              isPending={pending.has(song.id)}
              action={{ label: 'Undo', onClick: () => forget(song.id) }}
            />
          </ul>
        )}
      />
    </>
  )
}

interface GroupProps<Item> {
  title: string
  items: Item[]
  render: (item: Item) => React.ReactNode
}

/** The first of a list, and all on request. */
function Group<Item>({ title, items, render }: GroupProps<Item>) {
  const [isWhole, setWhole] = useState(false)
  if (items.length === 0) return null
  return (
    <section aria-label={title}>
      <h3 className={classes.subtitle}>
        {title} ({items.length})
      </h3>
      {(isWhole ? items : items.slice(0, FIRST)).map(render)}
      {!isWhole && items.length > FIRST && (
        <Button variant="subtle" size="compact-sm" onClick={() => setWhole(true)}>
          Show all {formatCount(items.length, 'entry', 'entries')}
        </Button>
      )}
    </section>
  )
}
