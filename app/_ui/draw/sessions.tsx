import { formatCount, formatNumber, listeningTime } from '#app/_ui/format.ts'
import { Moment } from '#app/_ui/moment.tsx'
import { Placeholder, RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import type { SessionFiguresRow, SessionRow } from '#lib/charts/chart.ts'
import type { DrawingKind } from './drawing.ts'
import { Facts } from './facts.tsx'
import classes from './insights.module.css'

const ROW_HEIGHT = 44
const FACTS_HEIGHT = 96

function timeOf(minutes: number): string {
  const { value, unit } = listeningTime(minutes)
  return `${value} ${unit}`
}

/** One session per line. */
export const sessions: DrawingKind<SessionRow> = {
  picture: (rows, limit) => (
    <ol className={classes.sessions}>
      {rows.slice(0, limit).map((row) => (
        <li key={row.started_at} className={classes.session}>
          <span>
            <Moment at={row.started_at} as="exact" /> – <Moment at={row.ended_at} as="time" />
          </span>
          <span className={classes.detail}>
            {formatCount(row.plays, 'play')}, {formatCount(row.songs, 'song')}
          </span>
          <span className={classes.time}>{timeOf(row.minutes)}</span>
        </li>
      ))}
    </ol>
  ),
  summary: ([first, ...others]) =>
    first ? `${formatCount(others.length + 1, 'session')}. The first one has ${formatCount(first.plays, 'play')}.` : '',
  columns: () => [
    { header: 'Started', cell: (row) => <Moment at={row.started_at} as="exact" /> },
    { header: 'Ended', cell: (row) => <Moment at={row.ended_at} as="exact" /> },
    { header: 'Plays', numeric: true, cell: ({ plays }) => formatNumber(plays) },
    { header: 'Songs', numeric: true, cell: ({ songs }) => formatNumber(songs) },
    { header: 'Minutes', numeric: true, cell: ({ minutes }) => formatNumber(minutes) },
  ],
  placeholder: (limit) => <RowsPlaceholder rows={Math.min(limit, 10)} rowHeight={ROW_HEIGHT} />,
}

function factsOf({ sessions, average_minutes, average_plays, longest_minutes }: SessionFiguresRow) {
  const time = (label: string, minutes: number, detail: string) => ({ label, ...listeningTime(minutes), detail })
  return [
    { label: 'Sessions', value: formatNumber(sessions) },
    time('Average', average_minutes, formatCount(Math.round(average_plays), 'play')),
    time('Longest', longest_minutes, ''),
  ]
}

/** How many sessions there are, and how long. */
export const sessionFigures: DrawingKind<SessionFiguresRow> = {
  picture: ([row]) => row && <Facts facts={factsOf(row)} />,
  summary: () => '',
  columns: () => [
    { header: 'Sessions', numeric: true, cell: ({ sessions }) => formatNumber(sessions) },
    { header: 'Average minutes', numeric: true, cell: (row) => formatNumber(row.average_minutes) },
    { header: 'Average plays', numeric: true, cell: (row) => formatNumber(row.average_plays) },
    { header: 'Longest, minutes', numeric: true, cell: (row) => formatNumber(row.longest_minutes) },
  ],
  placeholder: () => <Placeholder height={FACTS_HEIGHT} />,
}
