import { expect, test } from 'vitest'
import { cellText, clipboardText, columnWidths, isNumeric } from './cells.ts'

const column = (name: string, type = 'VARCHAR') => ({ name, type })

test('numbers of every type are aligned on the right, nothing else', () => {
  const numbers = ['INTEGER', 'UTINYINT', 'BIGINT', 'UHUGEINT', 'HUGEINT', 'DOUBLE', 'FLOAT', 'DECIMAL(18,3)']
  const others = ['VARCHAR', 'DATE', 'BOOLEAN', 'INTERVAL', 'INTEGER[]', 'STRUCT(n INTEGER)', 'DECIMAL(4,1)[]']
  expect([...numbers, ...others].filter((type) => isNumeric(column('n', type)))).toEqual(numbers)
})

test('values are written as they are', () => {
  expect([null, '', 0.1, false, '9007199254740993', ['a', null], { n: 1 }].map((value) => cellText(value))).toEqual([
    'NULL',
    '',
    '0.1',
    'false',
    '9007199254740993',
    '["a",null]',
    '{"n":1}',
  ])
})

test('a copy has a line for each row, whatever its texts contain', () => {
  const rows = [
    ['a\tb\r\nc', null],
    ['', 2],
  ]
  expect(clipboardText([column('one'), column('two')], rows)).toBe('one\ttwo\na b c\t\n\t2')
})

test('a column is as wide as its longest value, within limits', () => {
  const columns = [column('n'), column('day'), column('text')]
  const [number = 0, day = 0, text = 0] = columnWidths(columns, [[1, '2026-01-01', 'x'.repeat(1_000)]])
  expect(number).toBeLessThan(day)
  expect(day).toBeLessThan(text)
  expect(columnWidths(columns, [[1, '2026-01-01', 'x'.repeat(9_000)]])).toEqual([number, day, text])
})
