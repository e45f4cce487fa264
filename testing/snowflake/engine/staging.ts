import { createReadStream } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { VARCHAR } from '@duckdb/node-api'
import { SnowflakeFailure, unsupported } from '#testing/snowflake/sql/failure.ts'
import type { Cursor } from '#testing/snowflake/sql/tokens.ts'
import type { Execution } from './execution.ts'
import { type ResultSet, textColumn } from './results.ts'

const ROWS_AT_ONCE = 5_000

/** What the driver needs to copy a file to the stage. */
export interface Upload {
  command: 'UPLOAD'
  src_locations: string[]
  stageInfo: { locationType: 'LOCAL_FS'; location: string; creds: Record<string, never> }
  parallel: number
  autoCompress: boolean
  sourceCompression: string
  overwrite: boolean
  encryptionMaterial: null
}

/** The path in a user's stage: `@~/a/b/` → <folder>/<user>/a/b/ */
function locate(folder: string, execution: Execution, stage: string): string {
  const inside = /^@~\/((?:[A-Za-z0-9._-]+\/)*[A-Za-z0-9._-]+\/?)$/.exec(stage)?.[1]
  if (inside === undefined || inside.includes('..')) throw unsupported(`the stage ${stage}`)
  return join(folder, execution.session.user, inside)
}

/** The files whose path starts with a prefix, which is a folder only if it ends with a slash. */
async function filesWith(prefix: string): Promise<string[]> {
  const parent = dirname(`${prefix}x`)
  const entries = await readdir(parent, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return files.filter((path) => path.startsWith(prefix))
}

/** PUT 'file://…' '@~/…' options: the result tells the driver where to copy the file. */
export async function put(execution: Execution, cursor: Cursor, folder: string): Promise<Upload> {
  const file = cursor.text()
  const stage = cursor.text()
  if (!file.startsWith('file://')) throw unsupported(`a file at ${file}`)
  const options = optionsOf(cursor)
  if (options.get('AUTO_COMPRESS') !== 'FALSE' || options.get('SOURCE_COMPRESSION') !== 'GZIP')
    throw unsupported('this compression of PUT')
  const location = locate(folder, execution, stage)
  await mkdir(location, { recursive: true })
  return {
    command: 'UPLOAD',
    src_locations: [file.slice('file://'.length)],
    stageInfo: { locationType: 'LOCAL_FS', location, creds: {} },
    parallel: 4,
    autoCompress: false,
    sourceCompression: 'gzip',
    overwrite: options.get('OVERWRITE') === 'TRUE',
    encryptionMaterial: null,
  }
}

function optionsOf(cursor: Cursor): Map<string, string> {
  const options = new Map<string, string>()
  while (!cursor.done) {
    const name = cursor.name()
    cursor.expect('=')
    options.set(name, cursor.name())
  }
  return options
}

/** COPY INTO name ("VALUE") FROM '@~/…' FILE_FORMAT = (TYPE = JSON COMPRESSION = GZIP) PURGE = TRUE */
export async function copyInto(execution: Execution, cursor: Cursor, folder: string): Promise<ResultSet> {
  const target = execution.target(cursor.names(), 'INSERT')
  cursor.expect('(')
  cursor.group()
  cursor.expect('FROM')
  const stage = cursor.text()
  cursor.expect('FILE_FORMAT', '=', '(', 'TYPE', '=', 'JSON', 'COMPRESSION', '=', 'GZIP', ')')
  const purge = cursor.takes('PURGE', '=', 'TRUE')
  cursor.end()
  const [column, type] = [...target.columns][0] ?? []
  if (target.columns.size !== 1 || type !== 'VARIANT')
    throw new SnowflakeFailure(
      '002269',
      'SQL compilation error:\nJSON file format can produce one and only one column of variant, object, or array type.',
      '0A000',
    )
  const files = await filesWith(locate(folder, execution, stage))
  let loaded = 0
  await execution.write(async () => {
    for (const file of files) loaded += await copyFile(execution, file, `${target.duck} ("${column}")`)
  })
  if (purge) for (const file of files) await rm(file)
  const columns = ['file', 'status', 'rows_parsed', 'rows_loaded'].map(textColumn)
  return { columns, rows: files.map((file) => [file, 'LOADED', String(loaded), String(loaded)]) }
}

/** Every line is one document and becomes one row. */
async function copyFile(execution: Execution, path: string, into: string): Promise<number> {
  const lines = createInterface({ input: createReadStream(path).pipe(createGunzip()), crlfDelay: Infinity })
  let count = 0
  let pending: string[] = []
  const flush = async () => {
    const sql = `INSERT INTO ${into} SELECT unnest(json_extract(CAST($1 AS JSON), '$[*]'))`
    if (pending.length > 0) await execution.run(sql, [{ value: `[${pending.join(',')}]`, type: VARCHAR }])
    pending = []
  }
  for await (const line of lines) {
    if (line === '') continue
    count += 1
    if (pending.push(line) >= ROWS_AT_ONCE) await flush()
  }
  await flush()
  return count
}
