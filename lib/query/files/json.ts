import type { Encode } from './encode.ts'

/** An array with an object for each row, one a line. */
export const json: Encode = async function* (_columns, batches) {
  const encoder = new TextEncoder()
  let separator = '[\n'
  for await (const rows of batches) {
    if (rows.length === 0) continue
    yield encoder.encode(separator + rows.map((row) => JSON.stringify(row)).join(',\n'))
    separator = ',\n'
  }
  yield encoder.encode(separator === '[\n' ? '[]\n' : '\n]\n')
}
