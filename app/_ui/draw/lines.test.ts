import { describe, expect, test } from 'vitest'
import { changeAt, linesOf } from './lines.ts'

const DRAW = { as: 'rank lines', x: 'day', y: 'rank', series: 'name' } as const

const row = (day: string, id: string, rank: number) => ({ day, id, name: id.toUpperCase(), rank })

describe('rows become lines', () => {
  const lines = linesOf(
    [row('2026-05-02', 'a', 3), row('2026-05-01', 'a', 1), row('2026-05-02', 'b', 2), row('2026-05-03', 'b', 1)],
    DRAW,
  )

  test('the days are in order, whatever the order of the rows', () => {
    expect(lines.days).toEqual(['2026-05-01', '2026-05-02', '2026-05-03'])
  })

  test('a day without a rank is a gap, not a zero', () => {
    expect(lines.lines.find(({ id }) => id === 'a')?.ranks).toEqual([1, 3, null])
  })

  test('who leads on the last day comes first, who left the leaders last', () => {
    expect(lines.lines.map(({ name }) => name)).toEqual(['B', 'A'])
  })

  test('the scale ends at the lowest rank', () => {
    expect(lines.lowest).toBe(3)
  })

  test('the change counts places won, and is unknown beside a gap', () => {
    const [b, a] = lines.lines
    expect(b && [0, 1, 2].map((index) => changeAt(b, index))).toEqual([null, null, 1])
    expect(a && [0, 1, 2].map((index) => changeAt(a, index))).toEqual([null, -2, null])
  })

  test('two series of one name stay two lines', () => {
    const twins = [
      { day: '2026-05-01', id: 'x', name: 'Same', rank: 1 },
      { day: '2026-05-01', id: 'y', name: 'Same', rank: 2 },
    ]
    expect(linesOf(twins, DRAW).lines).toHaveLength(2)
  })
})
