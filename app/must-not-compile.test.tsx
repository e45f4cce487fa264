import { expect, test } from 'vitest'
import { z } from 'zod'
import { getRun, getRuns, startRun } from '#lib/api/client.ts'
import { getTokens } from '#lib/api/tokens.ts'
import { type Drawing, defineChart, type QueryContext } from '#lib/charts/chart.ts'
import { charts } from '#lib/charts/index.ts'
import { Refused } from '#lib/core/errors.ts'
import { seal } from '#lib/core/seal.ts'
import { chartMetadata } from '#lib/query/query-chart.ts'
import { ChartPanel } from './_ui/chart-panel.tsx'
import { useAction, useEndpoint } from './_ui/use-endpoint.ts'
import { serve } from './api/serve.ts'

/**
 * Mistakes that were possible once, and must not compile: `npm run test:types` fails at the line above a mistake that
 * does. Nothing of this is ever called.
 */
const mistakes = {
  'a drawing that names a field its rows do not have': () =>
    defineChart({
      ...charts['top-tracks-ranks'],
      // @ts-expect-error: the field is called "day"
      draw: { as: 'rank lines', x: 'dya', y: 'rank', series: 'name' },
    }),

  'a drawing that takes a name for a number': () =>
    defineChart({
      ...charts['top-tracks-ranks'],
      // @ts-expect-error: "name" is no number
      draw: { as: 'rank lines', x: 'day', y: 'name', series: 'name' },
    }),

  'a row without a field that its drawing needs': () =>
    defineChart({
      ...charts.figures,
      row: z.object({ figure: z.string(), value: z.number() }),
      // @ts-expect-error: the drawing compares with "previous"
      draw: { as: 'figures' },
    }),

  'the metadata of a chart that does not exist': () =>
    // @ts-expect-error: it is called "figures"
    chartMetadata('figurse'),

  'a panel of a chart that does not exist': (props: Omit<Parameters<typeof ChartPanel>[0], 'chart'>) => (
    // @ts-expect-error: it is called "figures"
    <ChartPanel {...props} chart="figurse" />
  ),

  'a table that is named by a text': ({ table }: QueryContext) =>
    // @ts-expect-error: tables are named by what streams export
    table('user_top_tracks_st_history'),

  'a response that does not fit its contract': () =>
    // @ts-expect-error: tokens and most are missing
    serve(getTokens, async () => ({ nothing: 1 })),

  'a request without what its path needs': () =>
    // @ts-expect-error: the id of the run is missing
    useEndpoint(getRun),

  'a query that an endpoint does not take': () =>
    // @ts-expect-error: it is called "limit"
    useEndpoint(getRuns, { query: { limt: 20 } }),

  'a body that an endpoint does not take': () =>
    // @ts-expect-error: streams is a list
    useAction(startRun).mutate({ streams: 'top tracks' }),

  'a refusal that the API does not know, or with another status': () => [
    // @ts-expect-error: it is called "not-found"
    new Refused(404, 'not-fuond', '', ''),
    // @ts-expect-error: the status of "not-found" is 404
    new Refused(409, 'not-found', '', ''),
  ],

  'a secret in a column that reseal does not cover': () => [
    // @ts-expect-error: its column is not in the list of sealed columns
    seal('a secret', { table: 'Account', row: 'any', column: 'id_token' }),
    // @ts-expect-error: nor is its table
    seal('a secret', { table: 'User', row: 'any', column: 'name' }),
  ],
}

test('what has to compile compiles, so that the mistakes are the reason when they do not', () => {
  const drawing: Drawing<{ id: string; day: string; rank: number }> = {
    as: 'rank lines',
    x: 'day',
    y: 'rank',
    series: 'day',
  }
  expect(drawing.as).toBe('rank lines')
  expect(Object.keys(mistakes)).toHaveLength(12)
})
