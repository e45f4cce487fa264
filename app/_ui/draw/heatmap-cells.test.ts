import { expect, test } from 'vitest'
import { type HeatmapData, levelOf, levelsOf, nextCell } from './heatmap-cells.ts'

/** A grid of values; undefined where there is no cell. */
function grid(values: (number | null | undefined)[][]): HeatmapData {
  return {
    columns: values[0]?.length ?? 0,
    gutter: 2,
    rows: values.map((row, at) => ({
      name: String(at),
      cells: row.map((value) => (value === undefined ? null : { name: '', value, detail: '' })),
    })),
    columnLabels: [],
    unit: 'plays',
  }
}

test('each color has about as many cells', () => {
  const values = [0, 0, null, 1, 1, 2, 3, 5, 8, 13, 21, 400, 3]
  const levels = levelsOf(grid([values]))
  expect(levels).toEqual([1, 2, 3, 8, 21])
  expect(values.map((value) => levelOf(levels, value))).toEqual([0, 0, 'unknown', 1, 1, 2, 3, 3, 4, 4, 5, 5, 3])
})

test('few different values have few colors, and none has none', () => {
  expect(levelsOf(grid([[0, 3, 3, 4]]))).toEqual([3, 4])
  expect([0, 3, 4].map((value) => levelOf([3, 4], value))).toEqual([0, 4, 5])
  expect(levelsOf(grid([[1, 1, 1, 0]]))).toEqual([1])
  expect(levelsOf(grid([[0, null, undefined]]))).toEqual([])
})

test('arrow keys step over places without a cell and stop at the edge', () => {
  const data = grid([
    [undefined, 1, 2, undefined],
    [3, undefined, 4, 5],
  ])
  const at = (row: number, column: number) => ({ row, column })
  expect(nextCell(data, at(0, 1), 'ArrowRight')).toEqual(at(0, 2))
  expect(nextCell(data, at(1, 0), 'ArrowRight')).toEqual(at(1, 2))
  expect(nextCell(data, at(0, 2), 'ArrowDown')).toEqual(at(1, 2))
  expect(nextCell(data, at(0, 2), 'ArrowRight')).toBeNull()
  expect(nextCell(data, at(0, 1), 'ArrowUp')).toBeNull()
  expect(nextCell(data, at(0, 2), 'Home')).toEqual(at(0, 1))
  expect(nextCell(data, at(1, 2), 'End')).toEqual(at(1, 3))
  expect(nextCell(data, at(1, 2), 'Tab')).toBeNull()
})
