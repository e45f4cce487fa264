import type { FileFormat } from '#lib/api/lists.ts'
import { csv } from './csv.ts'
import type { Encode } from './encode.ts'
import { json } from './json.ts'
import { parquet } from './parquet.ts'

/** How rows become a file of each format. */
export const encoders: Record<FileFormat, Encode> = { csv, json, parquet }
