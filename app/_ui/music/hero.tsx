'use client'

import { Fragment, type ReactNode } from 'react'
import { Artwork } from '#app/_ui/artwork.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { MusicLink } from '#app/_ui/music-link.tsx'
import type { EntityKind } from '#lib/charts/chart.ts'
import classes from './music.module.css'

const ARTWORK_SIZE = 160

interface Props {
  /** For example "Song". */
  kind: string
  name: string
  artwork: string | null
  /** On Spotify; the demo's music is made up, so no page has it. */
  url: string | null
  /** Who made it. */
  credits?: ReactNode
  /** Short facts; null ones are omitted. */
  facts: ReactNode[]
}

/** What a page is about: artwork, credits as links and facts. */
export function Hero({ kind, name, artwork, url, credits, facts }: Props) {
  const { demo } = useMe()
  const shown = facts.filter((fact) => fact !== null && fact !== false && fact !== '')
  return (
    <section className={classes.hero} aria-label={kind}>
      <Artwork src={artwork} name={name} size={ARTWORK_SIZE} />
      <div className={classes.about}>
        <p className={classes.kind}>{kind}</p>
        {credits && <p className={classes.credits}>{credits}</p>}
        <ul className={classes.facts}>
          {shown.map((fact, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the facts of a page stay where they are
            <li key={index}>{fact}</li>
          ))}
        </ul>
        {url && !demo && (
          <a href={url} target="_blank" rel="noreferrer">
            Open on Spotify
          </a>
        )}
      </div>
    </section>
  )
}

/** Names as links, separated by commas. */
export function Credits({ kind, of }: { kind: EntityKind; of: { id: string; name: string | null }[] }) {
  return of.map(({ id, name }, index) => (
    <Fragment key={id}>
      {index > 0 && ', '}
      <MusicLink kind={kind} id={id}>
        {name || 'Unknown'}
      </MusicLink>
    </Fragment>
  ))
}
