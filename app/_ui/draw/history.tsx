import { Button } from '@mantine/core'
import { Artwork } from '#app/_ui/artwork.tsx'
import { REASON_LABELS } from '#app/_ui/counting/labels.ts'
import { useExclusions } from '#app/_ui/exclusions.tsx'
import { formatCount, formatLongDay, formatTime, formatTrackLength } from '#app/_ui/format.ts'
import { useZone } from '#app/_ui/me.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { MusicLink } from '#app/_ui/music-link.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import type { HistoryRow } from '#lib/charts/chart.ts'
import { dayIn } from '#lib/core/period.ts'
import { nameOf } from './cells.ts'
import type { DrawingKind } from './drawing.ts'
import classes from './history.module.css'

const ROW_HEIGHT = 52

const listened = ({ ms_known, ms_played }: HistoryRow) => (ms_known ? formatTrackLength(ms_played) : '')

function stateOf(row: HistoryRow, excluded: boolean): string {
  if (excluded) return 'excluded'
  // A play that was excluded until now counts again, unless it's too short: the next build says so.
  if (row.not_counted === null || row.excluded) return listened(row)
  return [listened(row), REASON_LABELS[row.not_counted]].filter(Boolean).join(' · ')
}

function Play({ row, zone }: { row: HistoryRow; zone: string }) {
  const exclusions = useExclusions()
  const name = nameOf(row)
  const play = { playedAt: row.played_at, uri: row.uri }
  const excluded = exclusions?.decisionOf(play) ?? row.excluded
  return (
    <li className={classes.row} data-counts={row.counts && !excluded} data-excluded={excluded}>
      <Artwork src={row.artwork} name={name} size={36} />
      <span className={classes.text}>
        <span className={classes.name}>
          <MusicLink kind="tracks" id={row.track_id}>
            {name}
          </MusicLink>
        </span>
        <span className={classes.artists}>
          <MusicLink kind="artists" id={row.artist_id}>
            {row.artists ?? ''}
          </MusicLink>
        </span>
      </span>
      <span className={classes.listened} title={row.counts ? undefined : 'Doesn’t count'}>
        {stateOf(row, excluded)}
      </span>
      <time className={classes.time} dateTime={row.played_at} suppressHydrationWarning>
        {formatTime(row.played_at, zone)}
      </time>
      {exclusions && (
        // One button in both states, so that it keeps the focus.
        <Button
          className={classes.decide ?? ''}
          variant="subtle"
          color="gray"
          size="compact-xs"
          aria-label={`${excluded ? 'Undo excluding' : 'Exclude'} ${name}, ${formatTime(row.played_at, zone)}`}
          onClick={() => exclusions.decide(play, !excluded)}
        >
          {excluded ? 'Undo' : 'Exclude'}
        </Button>
      )}
    </li>
  )
}

/** Plays under the days on which they were played, in the listener's zone. */
function Days({ rows }: { rows: HistoryRow[] }) {
  const zone = useZone()
  const days = Map.groupBy(rows, ({ played_at }) => dayIn(zone, new Date(played_at)))
  return [...days].map(([day, plays]) => (
    <section key={day} className={classes.day} aria-label={formatLongDay(day)}>
      <h3 suppressHydrationWarning>{formatLongDay(day)}</h3>
      <ol className={classes.list}>
        {plays.map((row) => (
          <Play key={`${row.played_at} ${row.track_id} ${row.ms_played}`} row={row} zone={zone} />
        ))}
      </ol>
    </section>
  ))
}

/** Plays by day, newest first. */
export const history: DrawingKind<HistoryRow> = {
  picture: (rows, limit) => <Days rows={rows.slice(0, limit)} />,
  summary: ([last, ...others]) =>
    last ? `${formatCount(others.length + 1, 'play')}. The last one is ${nameOf(last)}.` : '',
  columns: () => [
    { header: 'Played', cell: (row) => <Moment at={row.played_at} as="exact" /> },
    {
      header: 'Song',
      cell: (row) => (
        <MusicLink kind="tracks" id={row.track_id}>
          {nameOf(row)}
        </MusicLink>
      ),
    },
    { header: 'Artists', cell: (row) => row.artists ?? '' },
    { header: 'Listened', numeric: true, cell: listened },
    { header: 'Counts', cell: ({ not_counted: reason }) => (reason ? `no, ${REASON_LABELS[reason]}` : 'yes') },
  ],
  placeholder: (limit) => <RowsPlaceholder rows={Math.min(limit, 10)} rowHeight={ROW_HEIGHT} />,
}
