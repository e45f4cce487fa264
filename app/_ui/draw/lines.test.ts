import { describe, expect, test } from 'vitest'
import { changeAt, dayNumber, isAlone, linesOf, rankTicks, tickDays } from './lines.ts'
import { rankLines } from './rank-lines.tsx'

const DRAW = { as: 'rank lines', x: 'day', y: 'rank', series: 'name' } as const

const row = (day: string, id: string, rank: number) => ({ day, id, name: id.toUpperCase(), rank })

describe('linesOf', () => {
  const lines = linesOf(
    [row('2026-05-02', 'a', 3), row('2026-05-01', 'a', 1), row('2026-05-02', 'b', 2), row('2026-05-03', 'b', 1)],
    DRAW,
  )
  const lineOf = (id: string) => lines.lines.find((line) => line.id === id)

  test('sorts the days, whatever the order of the rows', () => {
    expect(lines.days).toEqual(['2026-05-01', '2026-05-02', '2026-05-03'])
  })

  test('leaves a gap for a day without a rank', () => {
    expect(lineOf('a')?.ranks).toEqual([1, 3, null])
  })

  test('sorts lines by the last day, then by when they left', () => {
    expect(lines.lines.map(({ name }) => name)).toEqual(['B', 'A'])
    const left = linesOf(
      [row('2026-05-01', 'early', 1), row('2026-05-02', 'late', 2), row('2026-05-03', 'now', 9)],
      DRAW,
    )
    expect(left.lines.map(({ id }) => id)).toEqual(['now', 'late', 'early'])
  })

  test('knows the lowest rank', () => {
    expect(lines.lowest).toBe(3)
  })

  test('knows when each entered and left, and its best rank', () => {
    expect(lineOf('a')).toMatchObject({ peak: 1, entered: null, left: '2026-05-03' })
    expect(lineOf('b')).toMatchObject({ peak: 1, entered: '2026-05-02', left: null })
    const back = linesOf([row('2026-05-01', 'a', 2), row('2026-05-02', 'b', 1), row('2026-05-03', 'a', 4)], DRAW)
    expect(back.lines[0]).toMatchObject({ id: 'a', peak: 2, entered: '2026-05-03', left: null })
  })

  test('counts a better rank as a positive change, and none next to a gap', () => {
    const [b, a] = lines.lines
    expect(b && [0, 1, 2].map((index) => changeAt(b, index))).toEqual([null, null, 1])
    expect(a && [0, 1, 2].map((index) => changeAt(a, index))).toEqual([null, -2, null])
  })

  test('knows points that no line reaches', () => {
    const [, alone] = linesOf(
      [row('2026-05-01', 'b', 1), row('2026-05-02', 'a', 1), row('2026-05-03', 'b', 1)],
      DRAW,
    ).lines
    expect(alone && [0, 1, 2].map((index) => isAlone(alone, index))).toEqual([false, true, false])
  })

  test('keeps two series with the same name apart', () => {
    const twins = [
      { day: '2026-05-01', id: 'x', name: 'Same', rank: 1 },
      { day: '2026-05-01', id: 'y', name: 'Same', rank: 2 },
    ]
    expect(linesOf(twins, DRAW).lines).toHaveLength(2)
  })
})

test('a day without a sync takes its place on the axis', () => {
  expect(dayNumber('2026-03-30') - dayNumber('2026-03-28')).toBe(2)
})

test('ticks include the first and the last day', () => {
  const days = Array.from({ length: 31 }, (_, index) => `2026-05-${String(index + 1).padStart(2, '0')}`)
  expect(tickDays(days, 4)).toEqual(['2026-05-01', '2026-05-11', '2026-05-21', '2026-05-31'])
  expect(tickDays(days.slice(0, 2), 4)).toEqual(['2026-05-01', '2026-05-02'])
})

test('one known day is no line: the panel says when there will be one', () => {
  const { tooFew } = rankLines(DRAW)
  expect(tooFew?.([row('2026-05-01', 'a', 1), row('2026-05-01', 'b', 2)])).toBe('Your rank history starts tomorrow.')
  expect(tooFew?.([row('2026-05-01', 'a', 1), row('2026-05-02', 'a', 1)])).toBeNull()
})

test('all ranks of a short list have a tick, of a long one the first and round ones', () => {
  expect(rankTicks(3)).toEqual([1, 2, 3])
  expect(rankTicks(1)).toEqual([1])
  expect(rankTicks(47)).toEqual([1, 5, 10, 15, 20, 25, 30, 35, 40, 45])
  expect(rankTicks(200)).toEqual([1, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200])
})
