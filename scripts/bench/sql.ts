import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SQL_LIMITS } from '#lib/api/limits.ts'
import { SECOND } from '#lib/core/clock.ts'
import { buildModels } from '#lib/models/build.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { runSandboxed } from '#lib/warehouse/duckdb/sandbox.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import { sizeOf, writeHistory } from '#testing/models/history.ts'
import type { Figure, Part } from './figure.ts'
import { quantile, timed } from './timing.ts'

const UNTIL = '2026-11-29T20:00:00.000Z'
const PLAYS = 1_000_000
const LABEL = '1M'
const ROUNDS = 7
const CHARTS = 200

const QUERIES = {
  'count(*)': 'select count(*) from analytical.fct_plays',
  'top 10 songs': `select t.name, count(*) as plays from analytical.fct_plays p join analytical.dim_tracks t using (track_key)
    where p.counts group by t.track_key, t.name order by plays desc limit 10`,
  'a window function': `select day, plays, sum(plays) over (order by day rows 6 preceding) as week, rank() over (order by plays desc)
    from (select day, count(*) as plays from analytical.fct_plays group by day) order by day`,
}

/** What no interrupt ends: the process has to be killed. */
const HOSTILE = `select length(repeat('x', 2000000000))`
const CHART = `select day, count(*) as plays, sum(ms_played) as ms from analytical.fct_plays where counts group by day order by day desc limit 90`

async function run(path: string, sql: string, signal = new AbortController().signal): Promise<void> {
  const limits = {
    deadlineMs: SQL_LIMITS.seconds * SECOND,
    rows: SQL_LIMITS.rows,
    bytes: SQL_LIMITS.resultBytes,
    cellCharacters: SQL_LIMITS.cellCharacters,
    nameCharacters: SQL_LIMITS.nameCharacters,
  }
  await runSandboxed({ path, sql, params: {}, signal, ...limits }, () => undefined)
}

async function medianMs(work: () => Promise<unknown>): Promise<number> {
  await work()
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await timed(work))
  return quantile(rounds, 0.5)
}

async function chartMs(warehouse: EmbeddedWarehouse): Promise<number> {
  const all: number[] = []
  for (let count = 0; count < CHARTS; count++) all.push(await timed(() => warehouse.query(CHART, [])))
  return quantile(all, 0.95)
}

/** The same while queries that have to be killed run one after another. */
async function chartMsBesideKilled(warehouse: EmbeddedWarehouse, path: string): Promise<number> {
  const end = new AbortController()
  const killed = (async () => {
    while (!end.signal.aborted) await run(path, HOSTILE, end.signal).catch(() => undefined)
  })()
  try {
    return await chartMs(warehouse)
  } finally {
    end.abort()
    await killed
  }
}

async function measure(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tracklake-bench-'))
  const warehouse = await openDuckdb(join(folder, 'sql.duckdb'))
  try {
    await writeHistory(warehouse, { plays: PLAYS, until: UNTIL })
    await buildModels(warehouse)
    const path = join(folder, 'snapshot.duckdb')
    const snapshot = await timed(() => warehouse.snapshot(path))
    const megabytes = (await sizeOf(warehouse)).file / 1_000_000
    const how = `${PLAYS.toLocaleString('en')} plays of 12 years with their models.`
    const figures: Figure[] = [
      {
        name: `snapshot, ${LABEL}`,
        value: snapshot / SECOND,
        unit: 's',
        baseline: `${megabytes.toFixed(0)} MB of file`,
        how: `${how} Checkpoint and copy by a child process, once for each version of the data.`,
      },
    ]
    for (const [name, sql] of Object.entries(QUERIES))
      figures.push({
        name: `${name}, ${LABEL}`,
        value: (await medianMs(() => run(path, sql))) / SECOND,
        unit: 's',
        target: { atMost: 1 },
        how: `${how} Median of ${ROUNDS} queries on a snapshot, including the start of the process of each.`,
      })
    const usual = await chartMs(warehouse)
    const beside = await chartMsBesideKilled(warehouse, path)
    figures.push({
      name: `charts beside a query that is killed, ${LABEL}`,
      value: beside / usual,
      unit: '×',
      target: { atMost: 2 },
      baseline: `p95 ${beside.toFixed(0)} ms instead of ${usual.toFixed(0)} ms`,
      how: `${how} The 95th percentile of ${CHARTS} queries of a chart, beside queries of typed SQL that fill their memory until they are killed, and without them.`,
    })
    return figures
  } finally {
    await warehouse.close()
    await rm(folder, { recursive: true, force: true })
  }
}

export const sqlPart: Part = { title: 'SQL', measure }
