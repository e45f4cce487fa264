'use client'

import { Button, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { nameOf } from '#app/_ui/draw/cells.ts'
import { Link } from '#app/_ui/link.tsx'
import { ProblemText } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction, useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getCharts, importChartPlaylist } from '#lib/api/client.ts'
import type { PlaylistRow } from '#lib/charts/chart.ts'
import { PLAYLIST_CHOICES } from './charts.ts'
import classes from './global-charts.module.css'

/** Names of charts, with REGION in place of a country. */
const KINDS = [
  { value: 'regional-REGION-weekly', label: 'Top songs, weekly' },
  { value: 'regional-REGION-daily', label: 'Top songs, daily' },
  { value: 'viral-REGION-daily', label: 'Viral songs, daily' },
]

/** Imports a playlist as the chart that the listener has copied into it. */
export function FromPlaylist() {
  const [isOpen, setOpen] = useState(false)
  return (
    <details className={classes.fromPlaylist} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Use a playlist</summary>
      {isOpen && <Form />}
    </details>
  )
}

function Form() {
  const playlists = useEndpoint(getCharts, { query: { names: PLAYLIST_CHOICES.join(','), sort: 'name', limit: '500' } })
  const rows = (playlists.data?.charts[0]?.rows ?? []) as PlaylistRow[]
  const readable = rows.filter(({ listed }) => listed)
  const { mutate, isPending, isSuccess, error } = useAction(importChartPlaylist, { quiet: true })
  const [chosen, setChosen] = useState<string | null>(null)
  const [kind, setKind] = useState(KINDS[0]?.value ?? '')
  const [country, setCountry] = useState('')
  const [day, setDay] = useState('')
  const playlist = chosen ?? readable[0]?.playlist_id

  function submit(event: FormEvent) {
    event.preventDefault()
    if (!playlist) return
    mutate({ playlist, chart: kind.replace('REGION', country.trim().toLowerCase() || 'global'), day })
  }

  if (playlists.isError) return <ProblemText problem={asProblem(playlists.error)} />
  if (!playlists.data) return <p className={classes.note}>Loading…</p>
  if (readable.length === 0)
    return (
      <p className={classes.note}>
        None of your playlists has songs that Spotify shows. Copy a chart into a playlist of your own, then sync.
      </p>
    )
  return (
    <form onSubmit={submit} className={classes.form}>
      <p className={classes.note}>
        Select all songs of a chart in the Spotify app and add them to a playlist of your own. Its order becomes the
        ranks. Enter a country as two letters, such as de, or leave it empty for the global chart.
      </p>
      <NativeSelect
        label="Playlist"
        data={readable.map((row) => ({ value: row.playlist_id, label: nameOf(row) }))}
        value={playlist}
        onChange={(event) => setChosen(event.currentTarget.value)}
      />
      <NativeSelect label="Chart" data={KINDS} value={kind} onChange={(event) => setKind(event.currentTarget.value)} />
      <TextInput
        label="Country"
        pattern="\s*[A-Za-z]{2}\s*"
        value={country}
        onChange={(event) => setCountry(event.currentTarget.value)}
      />
      <TextInput
        label="Last day it covers"
        type="date"
        value={day}
        onChange={(event) => setDay(event.currentTarget.value)}
        required
      />
      <Button type="submit" loading={isPending} className={classes.submit}>
        Add chart
      </Button>
      {error && <ProblemText problem={asProblem(error)} />}
      {isSuccess && (
        <p role="status" className={classes.note}>
          It appears here in a moment. <Link href="/import">Import</Link> lists it, where you can undo it.
        </p>
      )}
    </form>
  )
}
