import { expect, test } from 'vitest'
import { csvLine } from './csv.ts'

test('writes cells as RFC 4180 and tells null from an empty text', () => {
  expect(csvLine(['a', 'b,c', 'd"e', 'f\ng', null, '', 1.5, false, { a: [1] }])).toBe(
    'a,"b,c","d""e","f\ng",,"",1.5,false,"{""a"":[1]}"\r\n',
  )
})

test.for(['=1+1', '+49', '-', '@user', '\tx', '\rx', "'=1", "''@"])(
  'guards %j, and one apostrophe less restores it',
  (text) => {
    const cell = csvLine([text]).slice(0, -2)
    const value = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell
    expect(value).toBe(`'${text}`)
  },
)

test('leaves numbers, and texts with such characters inside, alone', () => {
  expect(csvLine([-1, 'a=b', "'quoted'", 'Ke$ha - Live'])).toBe("-1,a=b,'quoted',Ke$ha - Live\r\n")
})
