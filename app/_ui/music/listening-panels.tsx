'use client'

import { Artwork } from '#app/_ui/artwork.tsx'
import { nameOf } from '#app/_ui/draw/cells.ts'
import { FigureValue } from '#app/_ui/draw/figure-value.tsx'
import figures from '#app/_ui/draw/figures.module.css'
import { percentChange } from '#app/_ui/draw/figures.tsx'
import { formatCount, formatDays, formatNumber, listeningTime } from '#app/_ui/format.ts'
import { Link } from '#app/_ui/link.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { MusicLink } from '#app/_ui/music-link.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { useFigures } from '#app/_ui/range/coverage.ts'
import { usePeriod } from '#app/_ui/range/period-context.tsx'
import type { Listening } from '#lib/api/client.ts'
import type { EntityKind } from '#lib/charts/chart.ts'
import classes from './music.module.css'

const PLURALS: Record<EntityKind, string> = { tracks: 'songs', artists: 'artists', albums: 'albums' }

interface Props {
  kind: EntityKind
  id: string
  listening: Listening
}

/** The address of the full ranking of the same period. */
function useRankingAddress(kind: EntityKind): string {
  const { query } = usePeriod()
  const params = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  return `/top/${kind}?${new URLSearchParams(params)}`
}

function Change({ now, before }: { now: number; before: number | null | undefined }) {
  const change = percentChange(now, before ?? null)
  return (
    change && (
      <span role="img" aria-label={change.text} title={change.text}>
        {change.symbol}
      </span>
    )
  )
}

/** Plays, listening time, days and rank in the period. */
export function ListeningFigures({ kind, listening }: Props) {
  const { plays, minutes, days, share, rank, previous, since } = listening
  const address = useRankingAddress(kind)
  const time = listeningTime(minutes)
  const { period, compared } = usePeriod()
  const { noteOf, previousOf } = useFigures(period, compared)
  return (
    <section aria-label="Your plays">
      <dl className={figures.figures}>
        <div className={figures.figure}>
          <dt>Plays</dt>
          <FigureValue value={formatNumber(plays)} href="#plays" />
          <dd className={figures.period}>
            <span>{noteOf('plays', since)}</span>
            <Change now={plays} before={previousOf(previous?.plays)} />
          </dd>
        </div>
        <div className={figures.figure}>
          <dt>Listened</dt>
          <FigureValue {...time} />
          <dd className={figures.period}>
            <span>
              {[noteOf('minutes'), share >= 0.1 ? `${share.toFixed(1)}% of your plays` : ''].filter(Boolean).join(', ')}
            </span>
            <Change now={minutes} before={previousOf(previous?.minutes)} />
          </dd>
        </div>
        <div className={figures.figure}>
          <dt>Days with plays</dt>
          <FigureValue value={formatNumber(days)} />
          <dd className={figures.period}>{noteOf('days')}</dd>
        </div>
        {rank && (
          <div className={figures.figure}>
            <dt>Rank</dt>
            <FigureValue value={`#${formatNumber(rank.rank)}`} href={address} />
            <dd className={figures.period}>of {formatCount(rank.of, PLURALS[kind].slice(0, -1))}</dd>
          </div>
        )}
      </dl>
    </section>
  )
}

/** When it was first and last played, as facts of a hero. */
export function heardFacts({ firstPlayedAt, lastPlayedAt }: Listening) {
  if (!firstPlayedAt || !lastPlayedAt) return ['Never played']
  return [
    <span key="first">
      First heard <Moment at={firstPlayedAt} as="exact" />
    </span>,
    <span key="last">
      Last heard <Moment at={lastPlayedAt} />
    </span>,
  ]
}

/** The ranking around the page's own entry. */
export function RankPanel({ kind, id, listening: { rank } }: Props) {
  const address = useRankingAddress(kind)
  if (!rank) return null
  return (
    <Panel title={`Rank among ${PLURALS[kind]}`} action={<Link href={address}>All {PLURALS[kind]}</Link>}>
      <ol className={classes.list}>
        {rank.neighbors.map((one) => (
          <li key={one.id} className={classes.row} aria-current={one.id === id ? 'true' : undefined}>
            <span className={classes.rank}>{one.rank}</span>
            <Artwork src={one.artwork} name={nameOf(one)} size={36} />
            <span className={classes.text}>
              <span className={classes.name}>
                {one.id === id ? (
                  nameOf(one)
                ) : (
                  <MusicLink kind={kind} id={one.id}>
                    {nameOf(one)}
                  </MusicLink>
                )}
              </span>
              <span className={classes.detail}>{one.artists}</span>
            </span>
            <span className={classes.detail}>{formatCount(one.plays, 'play')}</span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}

/** Instead of empty charts. */
export function NoPlaysPanel({ listening }: { listening: Listening }) {
  const { period, linkTo } = usePeriod()
  const { playsEver } = listening
  return (
    <Panel title="No plays">
      <p className={classes.empty}>
        {playsEver > 0 ? (
          <>
            No plays in {formatDays(period)}.{' '}
            <a {...linkTo({ period: 'all' })}>Show all {formatCount(playsEver, 'play')}</a>
          </>
        ) : (
          'You haven’t played it since your history begins. It’s in your library or in a playlist.'
        )}
      </p>
    </Panel>
  )
}
