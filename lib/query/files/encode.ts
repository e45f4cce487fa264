import type { Columns, Row } from '#lib/core/table.ts'

/** Writes rows as a file, in parts, without ever holding all of them. */
export type Encode = (columns: Columns, batches: AsyncIterable<Row[]>) => AsyncGenerator<Uint8Array, void>
