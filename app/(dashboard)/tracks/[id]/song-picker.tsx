'use client'

import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { asProblem } from '#app/_ui/request.ts'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { search } from '#lib/api/client.ts'
import { SEARCH } from '#lib/api/limits.ts'

const TYPING_MS = 150

interface Props {
  /** The song that another one is picked for. */
  id: string
  initial: string
  onPick: (id: string) => void
}

/** Searches the listener's songs and picks one. */
export function SongPicker({ id, initial, onPick }: Props) {
  const [text, setText] = useState(initial)
  const [typed] = useDebouncedValue(text, TYPING_MS)
  const found = useEndpoint(search, { query: { q: typed }, enabled: typed.trim() !== '', every: false })
  const songs = found.data?.songs.filter((song) => song.id !== id) ?? []
  const labels = songs.map(({ name, artists, album }) => [name, artists, album].filter(Boolean).join(' · '))
  return (
    <Select
      label="The same recording as"
      description="Both will count as one song. You can undo this."
      placeholder="Search your songs"
      searchable
      autoFocus
      maxLength={SEARCH.maxCharacters}
      value={null}
      searchValue={text}
      onSearchChange={setText}
      // Found by the server already, also by the artist.
      filter={({ options }) => options}
      data={songs.map((song, index) => ({ value: song.id, label: labels[index] ?? song.name }))}
      nothingFoundMessage={found.isFetching ? 'Searching…' : 'None of your other songs has this name.'}
      error={found.error && asProblem(found.error).message}
      onChange={(picked) => picked && onPick(picked)}
    />
  )
}
