import { Cron } from 'croner'
import { z } from 'zod'
import { DAY, HOUR } from '#lib/core/clock.ts'
import { defineChart, type QueryContext } from './chart.ts'
import { FigureRow, joinFigures, sinceSql } from './figures.ts'
import { PLAY_TABLES, playsSql } from './plays.ts'

const FIGURES = [
  { name: 'plays', value: 'count(*)' },
  { name: 'minutes', value: 'coalesce(round(sum(duration_ms) / 60000.0), 0)' },
  { name: 'songs', value: 'count(distinct track_id)' },
  { name: 'artists', value: 'count(distinct artist_id)' },
]

/** The start of this week in a zone, and of the two before it. A week with a clock change is an hour longer or shorter. */
function mondays({ zone, now }: Pick<QueryContext, 'zone' | 'now'>): { thisOne: string; last: string; before: string } {
  const monday = new Cron('0 0 * * 1', { timezone: zone, paused: true })
  const following = (after: number) => monday.nextRun(new Date(after)) ?? now
  const thisOne = following(now.getTime() - 7 * DAY)
  const weekBefore = (begin: Date) => following(begin.getTime() - 7 * DAY - 12 * HOUR)
  const last = weekBefore(thisOne)
  return { thisOne: thisOne.toISOString(), last: last.toISOString(), before: weekBefore(last).toISOString() }
}

/** The last full week, Monday to Sunday in the listener's zone and, if it is completely known, the week before. */
export const lastWeek = defineChart({
  title: 'Last week',
  empty: 'No figures yet. They appear with your first plays.',
  params: z.object({}),
  tables: () => PLAY_TABLES,
  sql(context) {
    const plays = playsSql(context)
    const { thisOne, last, before } = mondays(context)
    const parts = FIGURES.map(({ name, value }, index) => ({
      text: `
        select ${index} as position, '${name}' as figure, '${name}' as name, 7 as days,
          (select ${value} from ${plays}
           where played_at >= cast(? as timestamp) and played_at < cast(? as timestamp)) as value,
          (select case when (select min(played_at) from ${plays}) <= cast(? as timestamp) then ${value} end
           from ${plays} where played_at >= cast(? as timestamp) and played_at < cast(? as timestamp)) as previous,
          ${sinceSql(plays)} as since`,
      values: [last, thisOne, before, before, last, last],
    }))
    return joinFigures(parts)
  },
  row: FigureRow,
  draw: { as: 'figures' },
})
