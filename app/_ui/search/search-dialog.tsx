'use client'

import '@mantine/spotlight/styles.css'
import { VisuallyHidden } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { createSpotlight, Spotlight } from '@mantine/spotlight'
import { useRouter } from 'next/navigation'
import { type ReactNode, useEffect, useId, useState } from 'react'
import { Artwork } from '#app/_ui/artwork.tsx'
import { formatCount, inSentences } from '#app/_ui/format.ts'
import { SearchIcon } from '#app/_ui/icons.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { search } from '#lib/api/client.ts'
import { SEARCH } from '#lib/api/limits.ts'
import classes from './search-dialog.module.css'

const TYPING_MS = 150
const ARTWORK_SIZE = 36
const MAX_HEIGHT = 520

const [store, spotlight] = createSpotlight()

interface Result {
  href: string
  label: string
  detail?: string | null
  /** Undefined: a page, which has no picture. */
  artwork?: string | null
  count?: string | null
}

interface Group {
  label: string
  results: Result[]
}

const joined = (...parts: (string | null)[]) => parts.filter(Boolean).join(' · ')

/** What is found for a text; the last results stay while the next ones load. */
function useFound(text: string) {
  const [typed] = useDebouncedValue(text, TYPING_MS)
  const isTyped = typed.trim() !== ''
  const query = useEndpoint(search, { query: { q: typed }, enabled: isTyped, every: false })
  const found = isTyped ? query.data : undefined
  const playsOf = ({ plays }: { plays: number }) => (plays > 0 ? formatCount(plays, 'play') : null)
  const addressOf = (folder: string, { id }: { id: string }) => `/${folder}/${encodeURIComponent(id)}`
  const groups: Group[] = found
    ? [
        {
          label: 'Songs',
          results: found.songs.map((song) => ({
            href: addressOf('tracks', song),
            label: song.name,
            detail: joined(song.artists, song.album),
            artwork: song.artwork,
            count: playsOf(song),
          })),
        },
        {
          label: 'Artists',
          results: found.artists.map((artist) => ({
            href: addressOf('artists', artist),
            label: artist.name,
            artwork: artist.artwork,
            count: playsOf(artist),
          })),
        },
        {
          label: 'Albums',
          results: found.albums.map((album) => ({
            href: addressOf('albums', album),
            label: album.name,
            detail: album.artists,
            artwork: album.artwork,
            count: playsOf(album),
          })),
        },
        {
          label: 'Playlists',
          results: found.playlists.map((playlist) => ({
            href: addressOf('playlists', playlist),
            label: playlist.name,
            artwork: playlist.artwork,
            count: playlist.songs === null ? null : formatCount(playlist.songs, 'song'),
          })),
        },
      ]
    : []
  return {
    groups,
    isTyped,
    isPending: isTyped && query.isPending,
    problem: isTyped && query.error ? asProblem(query.error) : null,
  }
}

function ResultGroup({ label, results, onSelect }: Group & { onSelect: (href: string) => void }) {
  const id = useId()
  if (results.length === 0) return null
  return (
    // biome-ignore lint/a11y/useSemanticElements: options of a listbox are grouped by role
    <div role="group" aria-labelledby={id} className={classes.group}>
      <div id={id} className={classes.groupLabel}>
        {label}
      </div>
      {results.map((result) => (
        <Spotlight.Action
          key={result.href}
          role="option"
          onClick={() => onSelect(result.href)}
          label={result.label}
          description={result.detail ?? ''}
          leftSection={
            result.artwork !== undefined && <Artwork src={result.artwork} name={result.label} size={ARTWORK_SIZE} />
          }
          rightSection={result.count && <span className={classes.count}>{result.count}</span>}
        />
      ))}
    </div>
  )
}

function Message({ children }: { children: ReactNode }) {
  return <p className={classes.message}>{children}</p>
}

/** Search over everything on the page. @param opened changes each time that it is to open */
export function SearchDialog({ opened, pages }: { opened: number; pages: { label: string; href: string }[] }) {
  const router = useRouter()
  const [text, setText] = useState('')
  const { groups, isTyped, isPending, problem } = useFound(text)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change opens it
  useEffect(() => spotlight.open(), [opened])
  const typed = text.trim().toLowerCase()
  const shownPages = pages.filter(({ label }) => label.toLowerCase().includes(typed))
  const all = [...groups, { label: 'Pages', results: shownPages }]
  const count = all.reduce((sum, { results }) => sum + results.length, 0)
  const [first] = all.flatMap(({ results }) => results)
  return (
    <Spotlight.Root
      store={store}
      query={text}
      onQueryChange={setText}
      shortcut={null}
      centered={false}
      scrollable
      maxHeight={MAX_HEIGHT}
      transitionProps={{ duration: 120 }}
      overlayProps={{ backgroundOpacity: 0.5, blur: 2 }}
      title="Search"
      classNames={{ content: classes.content, header: classes.header, search: classes.search, action: classes.action }}
    >
      <Spotlight.Search
        placeholder="Songs, artists, albums, playlists, pages"
        aria-label="Search"
        maxLength={SEARCH.maxCharacters}
        leftSection={<SearchIcon />}
        onKeyDown={({ key }) => {
          // Enter opens the first result if none is selected.
          if (key !== 'Enter' || !first || store.getState().selected >= 0) return
          spotlight.close()
          router.push(first.href)
        }}
      />
      <VisuallyHidden role="status">{isTyped && !isPending ? formatCount(count, 'result') : ''}</VisuallyHidden>
      <Spotlight.ActionsList role="listbox" aria-label="Results">
        {all.map((group) => (
          <ResultGroup key={group.label} {...group} onSelect={(href) => router.push(href)} />
        ))}
        {problem && <Message>{inSentences(problem.message, problem.remedy)}</Message>}
        {!problem && isPending && <Message>Searching…</Message>}
        {!problem && !isPending && count === 0 && <Message>Nothing found for “{text.trim()}”.</Message>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}
