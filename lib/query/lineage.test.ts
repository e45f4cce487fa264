import { expect, test } from 'vitest'
import { MODEL_TABLES } from '#lib/models/tables.ts'
import { lineageOf } from './lineage.ts'

test('follows plays from the stream to the charts', () => {
  const plays = lineageOf({ schema: 'raw', name: 'plays' })
  expect(plays).toMatchObject({ streams: ['Recently played'], reads: [] })
  expect(plays.readBy).toContain('staging.stg_plays')
  const facts = lineageOf({ schema: 'analytical', name: 'fct_plays' })
  expect(facts.reads).toContain('staging.stg_plays')
  expect(facts.readBy).toContain('analytical.agg_days')
  expect(facts.charts).toContainEqual({ name: 'history', title: expect.any(String) })
  expect(new Set(facts.readBy).size).toBe(facts.readBy.length)
})

test('knows that every stream with music describes songs', () => {
  const { streams } = lineageOf({ schema: 'raw', name: 'tracks' })
  expect(streams).toContain('Liked songs')
  expect(streams).toContain('Recently played')
})

test('every table that charts can name has a chart or a model behind it', () => {
  for (const table of MODEL_TABLES) {
    const { charts, readBy, reads } = lineageOf(table)
    expect(charts.length + readBy.length, table.name).toBeGreaterThan(0)
    expect(reads.length, table.name).toBeGreaterThan(0)
  }
})

test('a table that nobody declares has no lineage', () => {
  expect(lineageOf({ schema: 'reporting', name: 'rpt_of_my_own' })).toEqual({
    streams: [],
    reads: [],
    readBy: [],
    charts: [],
  })
})
