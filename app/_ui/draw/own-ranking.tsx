import type { CSSProperties } from 'react'
import { Artwork } from '#app/_ui/artwork.tsx'
import { formatCount, formatNumber, listeningTime } from '#app/_ui/format.ts'
import { Link } from '#app/_ui/link.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { formatMovement, Movement } from '#app/_ui/movement.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import type { AnyDrawing, OwnRankingRow } from '#lib/charts/chart.ts'
import { nameOf } from './cells.ts'
import type { DrawingKind, TableColumn } from './drawing.ts'
import classes from './own-ranking.module.css'

type OwnRanking = Extract<AnyDrawing, { as: 'own ranking' }>
type Row = OwnRankingRow & Record<string, unknown>

const ROW_HEIGHT = 56

const isCompared = (rows: Row[]) => rows.some(({ previous_rank }) => previous_rank !== null)

/** Rank change against the compared period; null is a new entry. */
function change({ rank, previous_rank: before }: Row): number | null {
  return before === null ? null : before - rank
}

const SPARK = { width: 96, height: 24 }

/** Plays over the period as a line, from its start to its end. */
function Sparkline({ counts }: { counts: number[] }) {
  const most = Math.max(1, ...counts)
  const step = SPARK.width / Math.max(1, counts.length - 1)
  const y = (count: number) => (SPARK.height - 1.5 - (count / most) * (SPARK.height - 3)).toFixed(1)
  const points = counts.map((count, at) => `${(at * step).toFixed(1)},${y(count)}`)
  return (
    <svg className={classes.spark} width={SPARK.width} height={SPARK.height} aria-hidden="true">
      {counts.length > 1 ? <polyline points={points.join(' ')} /> : null}
    </svg>
  )
}

/** Percent of the plays in the period; small ones would all be 0. */
export const shareText = (share: number) => (share >= 0.1 ? `${share.toFixed(1)}%` : 'under 0.1%')

const addressOf = (row: Row, { id, links }: OwnRanking) => `/${links}/${String(row[id])}`

/** Listening time in the unit that suits it. */
export function minutesText(minutes: number): string {
  const { value, unit } = listeningTime(minutes)
  return `${value} ${unit}`
}

/** A list ranked by plays: movement, artwork, name, and a bar as long as its share of the most played one. */
function Ranking({ rows, limit, draw }: { rows: Row[]; limit: number; draw: OwnRanking }) {
  const compared = isCompared(rows)
  const most = Math.max(...rows.map(({ plays }) => plays))
  return (
    <ol className={classes.list}>
      {rows.slice(0, limit).map((row) => (
        <li
          key={String(row[draw.id])}
          className={classes.row}
          style={{ '--length': `${(100 * row.plays) / most}%` } as CSSProperties}
        >
          <span className={classes.rank}>{row.rank}</span>
          {compared && (
            <span className={classes.movement}>
              <Movement change={change(row)} />
            </span>
          )}
          <Artwork src={row.artwork} name={nameOf(row)} />
          <span className={classes.text}>
            <span className={classes.name} dir="auto">
              <Link href={addressOf(row, draw)}>{nameOf(row)}</Link>
            </span>
            {row.artists && (
              <span className={classes.artists} dir="auto">
                {row.artists}
              </span>
            )}
          </span>
          <span className={classes.first}>
            {row.first_played && (
              <>
                First heard <Moment at={row.first_played} />
              </>
            )}
          </span>
          {row.sparkline && <Sparkline counts={row.sparkline} />}
          <span className={classes.bar}>
            <span className={classes.filled} aria-hidden="true" />
            <span className={classes.share}>{shareText(row.share)}</span>
          </span>
          <span className={classes.counts}>
            <span>{formatCount(row.plays, 'play')}</span>
            <span className={classes.minutes}>{minutesText(row.minutes)}</span>
          </span>
        </li>
      ))}
    </ol>
  )
}

/** A list ranked by the listener's own plays. */
export function ownRanking(draw: OwnRanking): DrawingKind<Row> {
  return {
    picture: (rows, limit) => <Ranking rows={rows} limit={limit} draw={draw} />,
    summary(rows) {
      const [first] = rows
      if (!first) return ''
      return `Number 1 is ${nameOf(first)}${first.artists ? ` by ${first.artists}` : ''} with ${formatCount(first.plays, 'play')}.`
    },
    columns: (rows): TableColumn<Row>[] => [
      { header: 'Rank', numeric: true, cell: ({ rank }) => rank },
      ...(isCompared(rows) ? [{ header: 'Change', cell: (row: Row) => formatMovement(change(row)) }] : []),
      { header: 'Name', cell: (row) => <Link href={addressOf(row, draw)}>{nameOf(row)}</Link> },
      ...(rows.some(({ artists }) => artists) ? [{ header: 'Artists', cell: (row: Row) => row.artists ?? '' }] : []),
      { header: 'Plays', numeric: true, cell: ({ plays }) => formatNumber(plays) },
      { header: 'Minutes', numeric: true, cell: ({ minutes }) => formatNumber(minutes) },
      { header: 'Share', numeric: true, cell: ({ share }) => `${share} %` },
      ...(rows.some(({ first_played: first }) => first)
        ? [
            {
              header: 'First heard',
              cell: ({ first_played: first }: Row) => (first ? <Moment at={first} as="exact" /> : ''),
            },
          ]
        : []),
    ],
    placeholder: (limit) => <RowsPlaceholder rows={Math.min(limit, 10)} rowHeight={ROW_HEIGHT} />,
  }
}
