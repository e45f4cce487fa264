import { z } from 'zod'
import { FCT_SESSIONS } from '#lib/models/tables.ts'
import { defineChart } from './chart.ts'

/** Plays with less than 30 minutes between them are one session. */

const NOTE = 'Listening without a break of 30 minutes.'

const ORDERS = { longest: 'ms_played desc, started_at', newest: 'started_at desc' } as const
const SORTS = ['newest', 'longest'] as const

export const sessions = defineChart({
  title: 'Sessions',
  empty: 'No plays in this period.',
  note: NOTE,
  params: z.object({}),
  period: true,
  list: { sorts: SORTS, pageSize: 10 },
  tables: () => [FCT_SESSIONS],
  sql: ({ table, period: { from, to }, page }) => ({
    text: `select started_at, ended_at, plays, tracks as songs, round(ms_played / 60000.0) as minutes
      from ${table(FCT_SESSIONS)} where day >= cast(? as date) and day <= cast(? as date)
      order by ${ORDERS[page.sort as keyof typeof ORDERS]} limit ? offset ?`,
    values: [from, to, page.limit, page.offset],
  }),
  row: z.object({
    started_at: z.string(),
    ended_at: z.string(),
    plays: z.number(),
    songs: z.number(),
    minutes: z.number(),
  }),
  draw: { as: 'sessions' },
})

export const sessionFigures = defineChart({
  title: 'Sessions',
  empty: 'No plays in this period.',
  note: NOTE,
  params: z.object({}),
  period: true,
  tables: () => [FCT_SESSIONS],
  sql: ({ table, period: { from, to } }) => ({
    text: `select count(*) as sessions, round(avg(ms_played) / 60000.0) as average_minutes, round(avg(plays), 1) as average_plays,
        round(max(ms_played) / 60000.0) as longest_minutes
      from ${table(FCT_SESSIONS)} where day >= cast(? as date) and day <= cast(? as date) having count(*) > 0`,
    values: [from, to],
  }),
  row: z.object({
    sessions: z.number(),
    average_minutes: z.number(),
    average_plays: z.number(),
    longest_minutes: z.number(),
  }),
  draw: { as: 'session figures' },
})
