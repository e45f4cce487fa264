import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MINUTE } from '#lib/core/clock.ts'
import { messageOf } from '#lib/core/errors.ts'
import { buildModels } from '#lib/models/build.ts'
import { SOURCES } from '#lib/models/sources.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { writeHistory, writeNewPlays } from './history.ts'

/**
 * dbt itself builds the models on a copy of a warehouse, into schemas of its own. Its tests have to pass, and its tables
 * to hold what ours hold: after a first build, and after a second one that only adds what has arrived.
 */

// 1.12 needs a package that downloads from GitHub while it is installed.
const PACKAGES = ['dbt-core==1.11.16', 'dbt-duckdb==1.11.1']
const ROOT = join(import.meta.dirname, '..', '..')
const VENV = join(ROOT, '.cache', 'dbt')
const INSTALLED = join(VENV, 'installed')
const PLAYS = 30_000
const UNTIL = '2026-11-29T20:00:00.000Z'
const LATER = '2026-11-29T21:00:00.000Z'

const run = promisify(execFile)

/** @param args for `dbt build` */
export async function testDbt(args: string[]): Promise<{ passed: number; failed: number } | { notRun: string }> {
  const problem = await install()
  if (problem) return { notRun: problem }
  const folder = await mkdtemp(join(tmpdir(), 'tracklake-dbt-'))
  try {
    return await compareBuilds(folder, args)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Installs dbt to .cache/dbt. @returns why that is not possible */
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
    return `dbt could not be installed: ${messageOf(error).split('\n').at(-1)}`
  }
}

function program(name: string): string {
  return process.platform === 'win32' ? join(VENV, 'Scripts', `${name}.exe`) : join(VENV, 'bin', name)
}

async function compareBuilds(folder: string, args: string[]): Promise<{ passed: number; failed: number }> {
  const ours = join(folder, 'ours.duckdb')
  const theirs = join(folder, 'theirs.duckdb')
  const warehouse = await openDuckdb(ours)
  await writeHistory(warehouse, { plays: PLAYS, until: UNTIL })
  await buildModels(warehouse)
  await warehouse.close()
  await copyFile(ours, theirs)

  const results = [await dbtBuild(theirs, args)]
  results.push(...(await differences(ours, theirs, 'a first build')))

  await writeNewPlays(warehouse, { plays: 50, from: LATER })
  await warehouse.build([], (sql) =>
    sql(
      `insert into raw.excluded_plays select played_at, uri, true, timestamp '${LATER.replace('Z', '')}' from raw.plays limit 3`,
    ),
  )
  const { full } = await buildModels(warehouse, {
    genres: {
      choicesSince: async () => [],
      addChoices: async () => undefined,
      responses: async (names) => new Map(names.map((name, at) => [name, at % 3 ? `Genre ${at % 20}, rock` : ''])),
    },
  })
  await warehouse.close()
  results.push({ name: `our second build only adds what arrived (${full ?? 'it does'})`, passed: full === null })
  await copyRaw(ours, theirs)
  results.push(await dbtBuild(theirs, args))
  results.push(...(await differences(ours, theirs, 'a second build')))

  for (const { name, passed } of results) console.log(`  ${passed ? '✓' : '✗'} ${name}`)
  return {
    passed: results.filter(({ passed }) => passed).length,
    failed: results.filter(({ passed }) => !passed).length,
  }
}

interface Result {
  name: string
  passed: boolean
}

async function dbtBuild(file: string, args: string[]): Promise<Result> {
  const folder = join(ROOT, 'dbt')
  const name = 'dbt builds the models, and its tests pass'
  try {
    await run(
      program('dbt'),
      [
        'build',
        '--project-dir',
        folder,
        '--profiles-dir',
        folder,
        '--target-path',
        `${file}.target`,
        '--log-path',
        `${file}.log`,
        ...args,
      ],
      {
        env: { ...process.env, TRACKLAKE_DUCKDB: file, DBT_SEND_ANONYMOUS_USAGE_STATS: 'false' },
        timeout: 10 * MINUTE,
        maxBuffer: 2 ** 26,
      },
    )
    return { name, passed: true }
  } catch (error) {
    console.error(error instanceof Error && 'stdout' in error ? error.stdout : error)
    return { name, passed: false }
  }
}

/** Selects what a model holds by Spotify's ids, because keys may differ between builds. `s` stands for the schema. */
const CONTENTS: Record<string, string> = {
  fct_plays: `
    select plays.* exclude (track_key, artist_key, album_key, import_key, batch), track_id, artist_id, album_id, import_id
    from s.fct_plays as plays
    left join s.int_tracks as tracks using (track_key)
    left join s.int_artists as artists on artists.artist_key = plays.artist_key
    left join s.int_albums as albums on albums.album_key = plays.album_key
    left join s.int_imports as imports using (import_key)`,
  dim_tracks: `
    select track_id, tracks.name, tracks.folded, artist_id, album_id, duration_ms, isrc, first_played_at, last_played_at, plays, ms_played
    from s.int_tracks as tracks
    left join s.agg_tracks as heard using (track_key)
    left join s.int_artists as artists on artists.artist_key = tracks.artist_key
    left join s.int_albums as albums on albums.album_key = tracks.album_key`,
  dim_artists: `
    select artist_id, name, folded, image_url, first_played_at, last_played_at, plays, ms_played
    from s.int_artists left join s.agg_artists using (artist_key)`,
  dim_albums: `
    select album_id, albums.name, albums.folded, artist_id, release_date, first_played_at, last_played_at, plays, ms_played
    from s.int_albums as albums
    left join s.agg_albums using (album_key)
    left join s.int_artists as artists on artists.artist_key = albums.artist_key`,
  dim_genres: `
    select artist_id, genre, position, source from s.dim_genres left join s.int_artists as artists using (artist_key)`,
  agg_days: 'select * exclude (batch) from s.agg_days',
  agg_day_hours: 'select * exclude (batch) from s.agg_day_hours',
  fct_sessions: 'select * exclude (batch) from s.fct_sessions',
}

/** Reporting models in counts and sums. */
const REPORTS = ['rpt_most_listened', 'rpt_hour_of_week', 'rpt_listening_trends', 'rpt_year_recap'].map(
  (name) => [name, 'plays'] as const,
)

const COMPARE = `
import duckdb, json, sys
theirs, ours, queries = json.load(sys.stdin)
connection = duckdb.connect(theirs, read_only=True)
connection.execute(f"attach '{ours}' as ours (read_only)")
print(json.dumps([[name, connection.execute(sql).fetchone()[0]] for name, sql in queries]))
`

async function differences(ours: string, theirs: string, when: string): Promise<Result[]> {
  const queries = Object.entries(CONTENTS).map(([model, sql]) => {
    const one = sql.replaceAll(/\bs\./g, 'ours.analytical.')
    const other = sql.replaceAll(/\bs\./g, 'dbt_analytical.')
    return [
      model,
      `select count(*) from ((select * from (${one}) except all select * from (${other})) union all (select * from (${other}) except all select * from (${one})))`,
    ]
  })
  const reports = REPORTS.map(([name, column]) => {
    const figures = (schema: string) => `select count(*) as n, sum(${column}) as total from ${schema}.${name}`
    return [name, `select count(*) from (${figures('reporting')} except ${figures('dbt_reporting')})`]
  })
  // In the copy our reporting models show the first build.
  const all = when === 'a first build' ? [...queries, ...reports] : queries
  const results = await python<[string, number][]>(COMPARE, [theirs, ours, all])
  return results.map(([model, rows]) => ({
    name: `${model} is the same after ${when} (${rows} rows differ)`,
    passed: rows === 0,
  }))
}

const COPY = `
import duckdb, json, sys
theirs, ours, tables = json.load(sys.stdin)
connection = duckdb.connect(theirs)
connection.execute(f"attach '{ours}' as ours (read_only)")
for table in tables:
    connection.execute(f"delete from raw.{table}")
    connection.execute(f"insert into raw.{table} by name select * from ours.raw.{table}")
print('null')
`

function copyRaw(ours: string, theirs: string): Promise<null> {
  return python(COPY, [theirs, ours, SOURCES.map(({ name }) => name)])
}

/** Runs a Python program that reads JSON and writes JSON. */
async function python<T>(source: string, input: unknown): Promise<T> {
  const work = run(program('python'), ['-c', source], { maxBuffer: 2 ** 26, timeout: 10 * MINUTE })
  work.child.stdin?.end(JSON.stringify(input))
  return JSON.parse((await work).stdout)
}
