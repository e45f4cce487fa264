'use client'

import { Button } from '@mantine/core'
import { type FormEvent, useId, useState } from 'react'
import { ProblemText } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { setGenres } from '#lib/api/client.ts'
import type { ArtistGenres } from '#lib/api/genres.ts'
import { MAX_GENRES } from '#lib/api/limits.ts'
import classes from './genre-editor.module.css'
import { GenreNames, type KnownGenres } from './genre-names.tsx'

interface Props extends KnownGenres {
  artistId: string
  /** Of the artist, for screen readers. */
  name: string
  /** In the demo, MusicBrainz is simulated. */
  isSimulated: boolean
}

/** No genres of one's own is a choice, too; other sources are not. */
const choiceOf = ({ genres, source }: KnownGenres) => (source === 'own' ? genres : null)

const textOf = ({ genres, source }: KnownGenres) => `${source} ${genres.join(', ')}`

/** The genres of an artist with their source, and a form for the listener's own. A change can be undone at once. */
export function GenreEditor({ artistId, name, isSimulated, ...known }: Props) {
  const [saved, setSaved] = useState<{ now: KnownGenres; before: string[] | null; known: string } | null>(null)
  const [isOpen, setOpen] = useState(false)
  const hintId = useId()
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
        <GenreNames {...shown} isSimulated={isSimulated} />
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
      {/* Not Mantine's: its inputs would be a tenth of the page's scripts. */}
      <input
        className={classes.input}
        aria-label={`Genres of ${name}, separated by commas`}
        aria-describedby={hintId}
        aria-invalid={problem !== null}
        placeholder="indie, folk"
        maxLength={700}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        // biome-ignore lint/a11y/noAutofocus: the button that opened it was in its place
        autoFocus
      />
      <p id={hintId} className={classes.hint}>
        Up to {MAX_GENRES}, separated by commas. Empty: no genre.
      </p>
      {problem && <ProblemText problem={problem} />}
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
