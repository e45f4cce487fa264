'use client'

import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { Link } from '#app/_ui/link.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { setGenres } from '#lib/api/client.ts'
import type { ArtistGenres } from '#lib/api/genres.ts'
import { MAX_GENRES } from '#lib/api/limits.ts'
import type { GenreSource } from '#lib/charts/chart.ts'
import classes from './genre-editor.module.css'

interface Known {
  genres: string[]
  source: GenreSource | null
}

interface Props extends Known {
  artistId: string
  /** Of the artist, for screen readers. */
  name: string
  /** In the demo, MusicBrainz is simulated. */
  isSimulated: boolean
}

const SOURCES: Record<GenreSource, string> = {
  own: 'your own',
  spotify: 'from Spotify',
  musicbrainz: 'from MusicBrainz',
}

/** No genres of one's own is a choice, too; other sources are not. */
const choiceOf = ({ genres, source }: Known) => (source === 'own' ? genres : null)

const textOf = ({ genres, source }: Known) => `${source} ${genres.join(', ')}`

function Shown({ genres, source, isSimulated }: Known & { isSimulated: boolean }) {
  if (genres.length === 0)
    return <span className={classes.none}>{source === 'own' ? 'No genre (your own)' : 'No genre'}</span>
  return (
    <span>
      {genres.map((genre, at) => (
        <span key={genre}>
          {at > 0 && ', '}
          <Link href={`/top/artists?${new URLSearchParams({ genre, period: 'all' })}`}>{genre}</Link>
        </span>
      ))}
      {source && (
        <span className={classes.source}>
          {' '}
          · {SOURCES[source]}
          {source === 'musicbrainz' && isSimulated && ' (simulated)'}
        </span>
      )}
    </span>
  )
}

/** The genres of an artist with their source, and a form for the listener's own. A change can be undone at once. */
export function GenreEditor({ artistId, name, isSimulated, ...known }: Props) {
  const [saved, setSaved] = useState<{ now: Known; before: string[] | null; known: string } | null>(null)
  const [isOpen, setOpen] = useState(false)
  const [text, setText] = useState('')
  // Until the page has its next response, it shows what was saved.
  const shown = saved?.known === textOf(known) ? saved.now : known
  const save = useAction(setGenres, {
    quiet: true,
    onDone: ({ genres, source }: ArtistGenres) => {
      setSaved({ now: { genres, source }, before: choiceOf(shown), known: textOf(known) })
      setOpen(false)
    },
  })
  const send = (genres: string[] | null) => save.mutate({ artistId, genres })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    send(
      text
        .split(',')
        .map((genre) => genre.trim())
        .filter(Boolean),
    )
  }
  if (!isOpen)
    return (
      <span className={classes.shown}>
        <Shown {...shown} isSimulated={isSimulated} />
        <Button
          variant="default"
          size="compact-xs"
          aria-label={shown.genres.length > 0 ? `Edit the genres of ${name}` : `Add genres of ${name}`}
          onClick={() => {
            setText(shown.genres.join(', '))
            save.reset()
            setOpen(true)
          }}
        >
          {shown.genres.length > 0 ? 'Edit' : 'Add'}
        </Button>
        <span role="status">
          {saved && !save.isPending && (
            <>
              Saved.{' '}
              <button type="button" className={classes.undo} onClick={() => send(saved.before)}>
                Undo
              </button>
            </>
          )}
        </span>
      </span>
    )
  const problem = save.error ? asProblem(save.error) : null
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput
        aria-label={`Genres of ${name}, separated by commas`}
        placeholder="indie, folk"
        description={`Up to ${MAX_GENRES}, separated by commas. Empty: no genre.`}
        maxLength={700}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={problem && `${problem.message}. ${problem.remedy}`}
        data-autofocus
      />
      <div className={classes.actions}>
        <Button type="submit" size="compact-sm" loading={save.isPending}>
          Save
        </Button>
        <Button variant="default" size="compact-sm" onClick={() => setOpen(false)}>
          Cancel
        </Button>
        {shown.source === 'own' && (
          <Button variant="subtle" size="compact-sm" onClick={() => send(null)}>
            Remove my own
          </Button>
        )}
      </div>
    </form>
  )
}
