import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import type { Columns, Table } from '#lib/core/table.ts'
import { buildModels } from '#lib/models/build.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import { createDatabase, startPostgres, withClient } from '#scripts/postgres.ts'
import { writeHistory } from '#testing/models/history.ts'
import type { Figure, Part } from './figure.ts'
import { QUESTIONS, type Question } from './question-list.ts'
import { quantile } from './timing.ts'

const UNTIL = '2026-11-29T20:00:00.000Z'
const SIZES = [
  { plays: 225_000, label: '225k' },
  { plays: 1_000_000, label: '1M' },
]
const ROUNDS = 5
const MIN_RATIO = 5
const MAX_CPU_MS = 40
const NANOSECONDS = 1_000_000

interface Used {
  cpuMs: number
  wallMs: number
}

/** The median of several rounds, after one that fills caches. */
async function medianOf(round: () => Promise<Used>): Promise<Used> {
  await round()
  const rounds: Used[] = []
  for (let count = 0; count < ROUNDS; count++) rounds.push(await round())
  const median = (name: keyof Used) =>
    quantile(
      rounds.map((used) => used[name]),
      0.5,
    )
  return { cpuMs: median('cpuMs'), wallMs: median('wallMs') }
}

async function usedHere(work: () => Promise<unknown>): Promise<Used> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  await work()
  const { user, system } = process.cpuUsage(cpu)
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() - start }
}

/** What the server process of a connection used. Linux counts it in nanoseconds. */
async function usedByServer(pid: number, work: () => Promise<unknown>): Promise<Used> {
  const cpuNs = () => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0])
  const before = cpuNs()
  const start = performance.now()
  await work()
  return { cpuMs: (cpuNs() - before) / NANOSECONDS, wallMs: performance.now() - start }
}

const PLAYS: Columns = {
  played_at: 'timestamp',
  day: 'date',
  hour: 'integer',
  weekday: 'integer',
  track_key: 'integer',
  artist_key: 'integer',
  album_key: 'integer',
  ms_played: 'integer',
  counts: 'boolean',
}
const TRACKS: Columns = { track_key: 'integer', track_id: 'text', name: 'text', folded: 'text', artist_key: 'integer' }
const ARTISTS: Columns = { artist_key: 'integer', artist_id: 'text', name: 'text', folded: 'text' }
const HEARD: Columns = { artist_key: 'integer', first_played_at: 'timestamp' }

const table = (name: string, columns: Columns): Table => ({ schema: 'analytical', name, columns, key: [] })

/** What both engines hold, and the obvious indexes in Postgres. */
const TABLES = [
  { table: table('fct_plays', PLAYS), indexes: ['played_at', 'day', 'track_key', 'artist_key'] },
  { table: table('int_tracks', TRACKS), indexes: ['track_key', 'track_id'] },
  { table: table('int_artists', ARTISTS), indexes: ['artist_key', 'artist_id'] },
  { table: table('agg_artists', HEARD), indexes: ['artist_key'] },
]

async function copyToPostgres(warehouse: EmbeddedWarehouse, client: pg.Client): Promise<void> {
  await client.query('create schema analytical')
  for (const { table, indexes } of TABLES) {
    const names = Object.keys(table.columns)
    const relation = `${table.schema}.${table.name}`
    await client.query(`create table ${relation} (${names.map((name) => `${name} ${table.columns[name]}`).join(', ')})`)
    const arrays = names.map((name, index) => `$${index + 1}::${table.columns[name]}[]`).join(', ')
    for await (const rows of warehouse.rowsOf(table))
      await client.query(
        `insert into ${relation} select * from unnest(${arrays})`,
        names.map((name) => rows.map((row) => row[name])),
      )
    for (const name of indexes) await client.query(`create index on ${relation} (${name})`)
  }
  await client.query('vacuum analyze')
}

interface Result {
  question: Question
  same: Used
  final: Used
  postgres: Used
}

async function measureSize({ plays, label }: (typeof SIZES)[number]): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tracklake-bench-'))
  const file = join(folder, 'questions.duckdb')
  const warehouse = await openDuckdb(file)
  const server = await startPostgres({ folder: join(folder, 'postgres'), durable: false })
  try {
    await writeHistory(warehouse, { plays, until: UNTIL })
    await buildModels(warehouse)
    await createDatabase(server.url('postgres'), 'bench')
    return figuresOf(label, await withClient(server.url('bench'), (client) => queryBoth(warehouse, client)))
  } finally {
    await warehouse.close()
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function queryBoth(warehouse: EmbeddedWarehouse, client: pg.Client): Promise<Result[]> {
  await copyToPostgres(warehouse, client)
  await client.query("set work_mem = '64MB'")
  await client.query('set max_parallel_workers_per_gather = 0')
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const pid = rows[0]?.pid ?? 0
  const results: Result[] = []
  for (const question of QUESTIONS) {
    const { sql, final = sql } = question
    requireSame(question, await warehouse.query(sql, []), (await client.query(sql)).rows.length)
    results.push({
      question,
      same: await medianOf(() => usedHere(() => warehouse.query(sql, []))),
      final: await medianOf(() => usedHere(() => warehouse.query(final, []))),
      postgres: await medianOf(() => usedByServer(pid, () => client.query(sql))),
    })
  }
  return results
}

/** A question that one engine understands in another way would compare nothing. */
function requireSame({ name }: Question, rows: unknown[], count: number): void {
  if (rows.length === 0 || rows.length !== count)
    throw new Error(`"${name}" has ${rows.length} rows in DuckDB and ${count} in Postgres.`)
}

function figuresOf(label: string, results: Result[]): Figure[] {
  const sum = (one: (result: Result) => number) => results.reduce((all, result) => all + one(result), 0)
  const [ours, theirs] = [sum(({ same }) => same.cpuMs), sum(({ postgres }) => postgres.cpuMs)]
  const load = loadavg()[0]?.toFixed(0)
  const how = `Median of ${ROUNDS} rounds; CPU of this process and of the Postgres backend; load of the machine ${load}, so wall times say little. Postgres 18: indexes on played_at, day and the keys, work_mem 64 MB, no parallel workers.`
  return [
    {
      name: `${results.length} questions, faster than Postgres, ${label}`,
      value: theirs / ours,
      unit: '×',
      ...(label === '1M' ? { target: { atLeast: MIN_RATIO } } : {}),
      baseline: `CPU ${ours.toFixed(0)} ms, compared with ${theirs.toFixed(0)} ms for the same SQL; ${sum(({ final }) => final.cpuMs).toFixed(0)} ms as charts ask them`,
      how,
    },
    ...results.map(({ question, same, final, postgres }) => ({
      name: `${question.name}, ${label}`,
      value: final.cpuMs,
      unit: 'ms' as const,
      target: { atMost: MAX_CPU_MS },
      baseline: `same SQL: ${text(same)}, Postgres ${text(postgres)}`,
      how,
    })),
  ]
}

const text = ({ cpuMs, wallMs }: Used) => `${cpuMs.toFixed(1)} ms (${wallMs.toFixed(0)} by the clock)`

export const questionsPart: Part = {
  title: 'Questions about a long history, beside Postgres',
  async measure() {
    const figures: Figure[] = []
    for (const size of SIZES) figures.push(...(await measureSize(size)))
    return figures
  },
}
