import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
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
import { readEnvironmentAndSecrets } from '#scripts/read-environment.ts'
import { writeHistory } from '#testing/models/history.ts'

/**
 * Other programs read what a data lake has: pyarrow and Python's DuckDB the files, and moto takes the calls to AWS Glue and
 * Secrets Manager. moto shows that the requests have the right form, not that a table can be queried.
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
    const problems = [...(await readByPython(files)), ...(await withMoto((url) => callMoto(url, files)))]
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

/** @returns what went wrong */
async function withMoto(work: (url: string) => Promise<string[]>): Promise<string[]> {
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
    return await work(url)
  } catch (error) {
    return [`moto: ${messageOf(error)}`]
  } finally {
    moto.kill()
    await once(moto, 'close')
  }
}

const REGION = 'eu-central-1'
const KEY = { accessKeyId: 'any', secretAccessKey: 'any' }

async function callMoto(url: string, files: ExportedFile[]): Promise<string[]> {
  // The SDK's own settings for other endpoints.
  process.env.AWS_ENDPOINT_URL_GLUE = url
  process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = url
  await describeTables(files)
  return readSecret(url)
}

/** Creates and changes every table in moto's Glue. */
async function describeTables(files: ExportedFile[]): Promise<void> {
  const glue = openGlue({ region: REGION, database: 'music', keys: KEY })
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
}

/** Stores a secret in moto's Secrets Manager, and reads the settings in it as the start does. */
async function readSecret(url: string): Promise<string[]> {
  const credential = `${KEY.accessKeyId}/20261130/${REGION}/secretsmanager/aws4_request`
  const created = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'secretsmanager.CreateSecret',
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=any`,
    },
    body: JSON.stringify({
      Name: 'tracklake',
      SecretString: JSON.stringify({ POOL_SLOTS: '7' }),
      ClientRequestToken: randomUUID(),
    }),
  })
  if (!created.ok) return [`moto did not store a secret: ${await created.text()}`]
  const environment = {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: KEY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
  }
  const named = (name: string) =>
    readEnvironmentAndSecrets({ ...environment, SECRETS_FROM: `aws-secrets-manager:${name}` }, join(VENV, 'no.env'))
  const { POOL_SLOTS } = await named('tracklake')
  const missing = await named('another').then(
    () => 'found',
    (error: unknown) => messageOf(error),
  )
  return [
    ...(POOL_SLOTS === 7 ? [] : [`moto's secret gave POOL_SLOTS ${POOL_SLOTS}`]),
    ...(missing.includes('has no secret another') ? [] : [`a missing secret in moto is reported as: ${missing}`]),
  ]
}
