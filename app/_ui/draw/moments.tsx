import type { ReactNode } from 'react'
import { Artwork } from '#app/_ui/artwork.tsx'
import { formatCount, formatDay, formatDays, formatLongDay, formatNumber, listeningTime } from '#app/_ui/format.ts'
import { Link } from '#app/_ui/link.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { MusicLink } from '#app/_ui/music-link.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import type { MomentRow } from '#lib/charts/chart.ts'
import { nameOf } from './cells.ts'
import type { DrawingKind } from './drawing.ts'
import classes from './moments.module.css'

const MOMENTS = 6
const ROW_HEIGHT = 72

const LABELS: Record<MomentRow['name'], string> = {
  'first song': 'First song',
  'busiest day': 'Busiest day',
  'on repeat': 'On repeat',
  'longest session': 'Longest session',
  'longest streak': 'Longest streak',
  'last song': 'Last song',
}

const daysOf = ({ first_day: from, last_day: to }: MomentRow) => formatDays({ from, to })
const dayOf = ({ first_day: day }: MomentRow) => formatLongDay(day).replace(/,? \d{4}$/, '')

function timeOf({ minutes }: MomentRow): string {
  const { value, unit } = listeningTime(minutes ?? 0)
  return `${value} ${unit}`
}

/** The plays of a moment. */
function HistoryLink({ of: { first_day: from, last_day: to }, children }: { of: MomentRow; children: ReactNode }) {
  return <Link href={`/history?from=${from}&to=${to}`}>{children}</Link>
}

function Song({ row }: { row: MomentRow }) {
  const name = nameOf({ name: row.song })
  return row.track_id ? (
    <MusicLink kind="tracks" id={row.track_id}>
      {name}
    </MusicLink>
  ) : (
    name
  )
}

/** What the moment was, and what is to be said about it. */
function partsOf(row: MomentRow): { main: ReactNode; details: ReactNode[] } {
  switch (row.name) {
    case 'first song':
    case 'last song':
      return {
        main: <Song row={row} />,
        details: [row.artists, row.started_at && <Moment key="at" at={row.started_at} as="exact" />],
      }
    case 'on repeat':
      return {
        main: <Song row={row} />,
        details: [
          row.artists,
          <HistoryLink key="day" of={row}>
            {formatCount(row.plays, 'play')} on {formatDay(row.first_day)}
          </HistoryLink>,
        ],
      }
    case 'busiest day':
      return {
        main: <HistoryLink of={row}>{dayOf(row)}</HistoryLink>,
        details: [`${timeOf(row)}, ${formatCount(row.plays, 'play')}`],
      }
    case 'longest session':
      return {
        main: <HistoryLink of={row}>{timeOf(row)} without a break</HistoryLink>,
        details: [
          formatCount(row.plays, 'play'),
          row.started_at && (
            <>
              from <Moment at={row.started_at} as="exact" />
            </>
          ),
        ],
      }
    case 'longest streak':
      return {
        main: <HistoryLink of={row}>{formatCount(row.days ?? 0, 'day')} in a row</HistoryLink>,
        details: [daysOf(row), formatCount(row.plays, 'play')],
      }
  }
}

/** One moment per line. */
function Moments({ rows }: { rows: MomentRow[] }) {
  return (
    <ul className={classes.moments}>
      {rows.map((row) => {
        const { main, details } = partsOf(row)
        return (
          <li key={row.name} className={classes.moment}>
            {row.song !== null || row.track_id ? (
              <Artwork src={row.artwork} name={nameOf({ name: row.song })} size={48} />
            ) : (
              <span className={classes.mark} aria-hidden="true">
                {row.days ?? (row.name === 'busiest day' ? Number(row.first_day.slice(8)) : timeOf(row).split(' ')[0])}
              </span>
            )}
            <span className={classes.text}>
              <span className={classes.label}>{LABELS[row.name]}</span>
              <span className={classes.main} dir="auto">
                {main}
              </span>
              <span className={classes.details}>
                {details.filter(Boolean).map((detail, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the details of a moment stay where they are
                  <span key={at}>{detail}</span>
                ))}
              </span>
            </span>
          </li>
        )
      })}
    </ul>
  )
}

/** What happened in a year. */
export const moments: DrawingKind<MomentRow> = {
  picture: (rows) => <Moments rows={rows} />,
  summary: (rows) => {
    const first = rows.find(({ name }) => name === 'first song')
    return first
      ? `The first song was ${nameOf({ name: first.song })}${first.artists ? ` by ${first.artists}` : ''}.`
      : ''
  },
  columns: () => [
    { header: 'Moment', cell: ({ name }) => LABELS[name] },
    { header: 'Days', cell: daysOf },
    { header: 'Song', cell: (row) => (row.track_id ? <Song row={row} /> : '') },
    { header: 'Plays', numeric: true, cell: ({ plays }) => formatNumber(plays) },
    { header: 'Minutes', numeric: true, cell: ({ minutes }) => (minutes === null ? '' : formatNumber(minutes)) },
  ],
  placeholder: () => <RowsPlaceholder rows={MOMENTS} rowHeight={ROW_HEIGHT} />,
}
