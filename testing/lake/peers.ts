import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MINUTE, pause, SECOND } from '#lib/core/clock.ts'
import { messageOf } from '#lib/core/errors.ts'
import { openGlue } from '#lib/glue/glue.ts'
import { PUBLISHED } from '#lib/lake/tables.ts'
import { buildModels } from '#lib/models/build.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { type ExportedFile, exportFiles } from '#lib/warehouse/duckdb/export.ts'
import { freePort } from '#scripts/postgres.ts'
import { writeHistory } from '#testing/models/history.ts'

/**
 * Other programs read what a data lake has: pyarrow and Python's DuckDB the files, and moto takes the calls to AWS Glue. moto
 * shows that the requests have the right form, not that a table can be queried.
 */

const PACKAGES = ['pyarrow==26.0.1', 'duckdb==1.5.5', 'moto[server]==5.2.5']
const ROOT = join(import.meta.dirname, '..', '..')
const VENV = join(ROOT, '.cache', 'lake')
const INSTALLED = join(VENV, 'installed')
const PLAYS = 30_000
const UNTIL = '2026-11-29T20:00:00.000Z'

const run = promisify(execFile)

export async function testLakePeers(): Promise<{ passed: number; failed: number } | { notRun: string }> {
  const problem = await install()
  if (problem) return { notRun: problem }
  const folder = await mkdtemp(join(tmpdir(), 'tracklake-lake-'))
  try {
    const files = await exported(folder)
    const problems = [...(await readByPython(files)), ...(await describeInMoto(files))]
    for (const one of problems) console.error(one)
    return { passed: files.length - Math.min(files.length, problems.length), failed: problems.length }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Installs the packages to .cache/lake. @returns why that is not possible */
async function install(): Promise<string | null> {
  if (existsSync(INSTALLED)) return null
  try {
    await run('python3', ['-c', 'import sys; assert sys.version_info >= (3, 10)'])
  } catch {
    return 'it needs python3, 3.10 or newer'
  }
  try {
    await mkdir(VENV, { recursive: true })
    await run('python3', ['-m', 'venv', VENV])
    await run(program('python'), ['-m', 'pip', 'install', '--quiet', ...PACKAGES], { timeout: 10 * MINUTE })
    await writeFile(INSTALLED, PACKAGES.join('\n'))
    return null
  } catch (error) {
    return `its Python packages could not be installed: ${messageOf(error).split('\n').at(-1)}`
  }
}

function program(name: string): string {
  return process.platform === 'win32' ? join(VENV, 'Scripts', `${name}.exe`) : join(VENV, 'bin', name)
}

async function exported(folder: string): Promise<ExportedFile[]> {
  const snapshot = join(folder, 'listener.duckdb')
  const warehouse = await openDuckdb(snapshot)
  await writeHistory(warehouse, { plays: PLAYS, until: UNTIL })
  await buildModels(warehouse)
  await warehouse.close()
  const filesFolder = join(folder, 'files')
  await mkdir(filesFolder)
  const files: ExportedFile[] = []
  for await (const message of exportFiles({ ...PUBLISHED, snapshot, folder: filesFolder, known: {} }))
    if (message.type === 'file') files.push(message.file)
  return files
}

async function readByPython(files: ExportedFile[]): Promise<string[]> {
  const child = run(program('python'), [join(import.meta.dirname, 'read_files.py')], { timeout: 5 * MINUTE })
  child.child.stdin?.end(JSON.stringify(files.filter(({ format }) => format === 'parquet')))
  return JSON.parse((await child).stdout)
}

/** Creates and changes every table in moto's Glue. */
async function describeInMoto(files: ExportedFile[]): Promise<string[]> {
  const port = await freePort()
  const moto = spawn(program('moto_server'), ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  try {
    for (
      let tries = 0;
      !(await fetch(url).then(
        () => true,
        () => false,
      ));
      tries++
    ) {
      if (tries > 120) return ['moto did not start']
      await pause(SECOND / 2)
    }
    // The SDK's own setting for other endpoints.
    process.env.AWS_ENDPOINT_URL_GLUE = url
    const glue = openGlue({
      region: 'eu-central-1',
      database: 'music',
      keys: { accessKeyId: 'any', secretAccessKey: 'any' },
    })
    await glue.ensureDatabase()
    await glue.ensureDatabase()
    for (const { name, format, columns } of files) {
      const table = {
        name,
        format,
        location: `s3://bucket/lake/refined/${name}/`,
        description: '',
        columns: columns.map((column) => ({ name: column.name, type: 'string', comment: '' })),
        owner: 'me',
      }
      await glue.putTable(table)
      await glue.putTable(table)
      await glue.removeTable(name, 'me')
    }
    glue.close()
    return []
  } catch (error) {
    return [`moto: ${messageOf(error)}`]
  } finally {
    moto.kill()
    await once(moto, 'close')
  }
}
