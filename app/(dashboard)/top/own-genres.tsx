'use client'

import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Artwork } from '#app/_ui/artwork.tsx'
import { nameOf } from '#app/_ui/draw/cells.ts'
import { formatCount, formatNumber } from '#app/_ui/format.ts'
import { GenreEditor } from '#app/_ui/genres/genre-editor.tsx'
import { GenreFile } from '#app/_ui/genres/genre-file.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { MusicLink } from '#app/_ui/music-link.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { CALM_MS, LIVE_MS, useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getGenres } from '#lib/api/client.ts'
import type { GenresResponse } from '#lib/api/genres.ts'
import classes from './top-list.module.css'

const ROW_HEIGHT = 60
const ARTISTS_SHOWN = 20

/** Where more genres come from. */
function MusicBrainzLine({ musicBrainz, isAdmin }: { musicBrainz: GenresResponse['musicBrainz']; isAdmin: boolean }) {
  const { isOn, waiting, problem } = musicBrainz
  if (!isOn)
    return (
      <p className={classes.meaning}>
        {isAdmin
          ? 'Genres from MusicBrainz are off on this instance. Set MUSICBRAINZ_CONTACT to turn them on. Only artist names are sent.'
          : 'Genres from MusicBrainz are off on this instance. An admin can turn them on.'}
      </p>
    )
  if (problem)
    return (
      <p className={classes.meaning} role="status">
        {problem}. Tracklake will try again.
      </p>
    )
  return (
    <p className={classes.meaning}>
      {waiting > 0
        ? `Getting genres from MusicBrainz: ${formatCount(waiting, 'artist')} to go on this instance, most played first.`
        : 'MusicBrainz has been checked for every artist so far.'}
    </p>
  )
}

/** The listener's artists and their genres, to be changed, and what fills the gaps. */
export function OwnGenres() {
  const { isAdmin, demo } = useMe()
  const [show, setShow] = useState<'missing' | 'all'>('missing')
  const [search, setSearch] = useState('')
  const [limit, setLimit] = useState(ARTISTS_SHOWN)
  const genres = useEndpoint(getGenres, {
    query: { show, limit, ...(search ? { search } : {}) },
    every: (response) => (response?.isUpdating ? 2 * LIVE_MS : CALM_MS),
  })
  const { data } = genres
  return (
    <Panel
      title="Genres of your artists"
      action={
        <Button
          variant={show === 'missing' ? 'filled' : 'default'}
          size="compact-xs"
          aria-pressed={show === 'missing'}
          onClick={() => {
            setShow(show === 'missing' ? 'all' : 'missing')
            setLimit(ARTISTS_SHOWN)
          }}
        >
          Only without a genre
        </Button>
      }
    >
      <div className={classes.own}>
        {data && <MusicBrainzLine musicBrainz={data.musicBrainz} isAdmin={isAdmin} />}
        <GenreFile />
        <TextInput
          aria-label="Search artists"
          placeholder="Search artists"
          type="search"
          maxLength={200}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        {data ? (
          <>
            <ul className={classes.artists}>
              {data.artists.map((artist) => (
                <li key={artist.id} className={classes.artist}>
                  <Artwork src={artist.artwork} name={nameOf(artist)} size={36} />
                  <span className={classes.about}>
                    <span dir="auto">
                      <MusicLink kind="artists" id={artist.id}>
                        {nameOf(artist)}
                      </MusicLink>
                    </span>
                    <GenreEditor
                      artistId={artist.id}
                      name={nameOf(artist)}
                      genres={artist.genres}
                      source={artist.source}
                      isSimulated={demo}
                    />
                  </span>
                  <span className={classes.plays}>{formatCount(artist.plays, 'play')}</span>
                </li>
              ))}
            </ul>
            {data.artists.length === 0 && (
              <p className={classes.meaning}>
                {search
                  ? `No artist matches “${search}”.`
                  : data.coverage.plays === 0
                    ? 'Your artists appear here once their plays have been synced.'
                    : 'Every artist you’ve played has a genre.'}
              </p>
            )}
            {data.next && limit < 200 && (
              <Button variant="default" onClick={() => setLimit(Math.min(200, limit + 50))}>
                Show more ({formatNumber(limit)} shown)
              </Button>
            )}
          </>
        ) : genres.isPending ? (
          <RowsPlaceholder rows={5} rowHeight={ROW_HEIGHT} />
        ) : (
          <ProblemPanel problem={asProblem(genres.error)} onRetry={() => genres.refetch()} />
        )}
      </div>
    </Panel>
  )
}
