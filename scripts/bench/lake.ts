import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SECOND } from '#lib/core/clock.ts'
import { PUBLISHED } from '#lib/lake/tables.ts'
import { buildModels } from '#lib/models/build.ts'
import { openBucket } from '#lib/s3/bucket.ts'
import { startS3Server } from '#lib/s3/testing/server.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { type ExportedFile, exportFiles, type KnownFile } from '#lib/warehouse/duckdb/export.ts'
import { writeHistory } from '#testing/models/history.ts'
import type { Figure, Part } from './figure.ts'
import { timed } from './timing.ts'

/** LAKE_PLAYS=20000 tries the part. */
const PLAYS = Number(process.env.LAKE_PLAYS ?? 1_000_000)
const UNTIL = '2026-11-29T20:00:00.000Z'
const LATENCY_MS = 20
const MEGABYTE = 1_000_000

async function measure(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tracklake-bench-'))
  const s3 = await startS3Server()
  try {
    const snapshot = join(folder, 'listener.duckdb')
    const warehouse = await openDuckdb(snapshot)
    await writeHistory(warehouse, { plays: PLAYS, until: UNTIL })
    await buildModels(warehouse)
    await warehouse.close()

    const known: Record<string, KnownFile> = {}
    const write = async () => {
      const written: ExportedFile[] = []
      const out = join(folder, 'out')
      await mkdir(out, { recursive: true })
      for await (const message of exportFiles({ ...PUBLISHED, snapshot, folder: out, known })) {
        if (message.type !== 'file') continue
        const { name, digest, columns, path } = message.file
        known[name] = { digest, fields: Object.fromEntries(columns.map((column) => [column.name, column.id])) }
        if (path) written.push(message.file)
      }
      return written
    }
    let files: ExportedFile[] = []
    const exportMs = await timed(async () => {
      files = await write()
    })
    const bucket = openBucket(s3.bucket('lake'))
    s3.latencyMs = LATENCY_MS
    let bytes = 0
    const uploadMs = await timed(async () => {
      for (const { name, path } of files)
        bytes += (await bucket.put(name, { file: path ?? '' }, { ifMissing: true })).bytes
    })
    bucket.close()
    let again: ExportedFile[] = []
    const unchangedMs = await timed(async () => {
      again = await write()
    })
    const what = `${PLAYS.toLocaleString('en')} plays`
    const how = `${files.length} files with ${(bytes / MEGABYTE).toFixed(0)} MB, written by the export process and put to an S3 test server with ${LATENCY_MS} ms latency, one after another.`
    return [
      {
        name: `publishing ${what}`,
        value: (exportMs + uploadMs) / SECOND,
        unit: 's',
        target: { atMost: 20 },
        baseline: `${(exportMs / SECOND).toFixed(1)} s to write, ${(uploadMs / SECOND).toFixed(1)} s to put`,
        how,
      },
      {
        name: `files written on an unchanged day`,
        value: again.length,
        unit: '',
        target: { atMost: 0 },
        baseline: `${(unchangedMs / SECOND).toFixed(1)} s to compare ${what}`,
        how: 'No file is written, so no object is put.',
      },
    ]
  } finally {
    await s3.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

export const lakePart: Part = { title: 'publishing files', measure }
