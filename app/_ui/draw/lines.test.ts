import { describe, expect, test } from 'vitest'
import { changeAt, linesOf } from './lines.ts'

const DRAW = { as: 'rank lines', x: 'day', y: 'rank', series: 'name' } as const

const row = (day: string, id: string, rank: number) => ({ day, id, name: id.toUpperCase(), rank })

describe('linesOf', () => {
  const lines = linesOf(
    [row('2026-05-02', 'a', 3), row('2026-05-01', 'a', 1), row('2026-05-02', 'b', 2), row('2026-05-03', 'b', 1)],
    DRAW,
  )

  test('sorts the days, whatever the order of the rows', () => {
    expect(lines.days).toEqual(['2026-05-01', '2026-05-02', '2026-05-03'])
  })

  test('leaves a gap for a day without a rank', () => {
    expect(lines.lines.find(({ id }) => id === 'a')?.ranks).toEqual([1, 3, null])
  })

  test('sorts lines by the last day, unranked ones last', () => {
    expect(lines.lines.map(({ name }) => name)).toEqual(['B', 'A'])
  })

  test('knows the lowest rank', () => {
    expect(lines.lowest).toBe(3)
  })

  test('counts a better rank as a positive change, and none next to a gap', () => {
    const [b, a] = lines.lines
    expect(b && [0, 1, 2].map((index) => changeAt(b, index))).toEqual([null, null, 1])
    expect(a && [0, 1, 2].map((index) => changeAt(a, index))).toEqual([null, -2, null])
  })

  test('keeps two series with the same name apart', () => {
    const twins = [
      { day: '2026-05-01', id: 'x', name: 'Same', rank: 1 },
      { day: '2026-05-01', id: 'y', name: 'Same', rank: 2 },
    ]
    expect(linesOf(twins, DRAW).lines).toHaveLength(2)
  })
})
