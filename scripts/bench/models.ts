import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SECOND } from '#lib/core/clock.ts'
import { buildModels } from '#lib/models/build.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import { sizeOf, writeHistory, writeNewPlays } from '#testing/models/history.ts'
import type { Figure, Part } from './figure.ts'
import { quantile } from './timing.ts'

const UNTIL = '2026-11-29T20:00:00.000Z'
const ROUNDS = 8
const NEW_PLAYS = 50
const EXCLUDED = 20

const SIZES = [
  { plays: 225_000, label: '225k', targets: { full: 2, arrived: 100, bytes: 170 } },
  { plays: 1_000_000, label: '1M', targets: { full: 6.5, arrived: null, bytes: 120 } },
]

/** Milliseconds of CPU that this process used for `work`, and of the clock. */
async function used(work: () => Promise<unknown>): Promise<{ cpuMs: number; wallMs: number }> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  await work()
  const { user, system } = process.cpuUsage(cpu)
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() - start }
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)

/** Excludes plays all over the history, with a build after each. @throws Error if one of them builds everything */
async function excludeOneByOne(warehouse: EmbeddedWarehouse) {
  const plays = await warehouse.query(
    `select played_at, uri from raw.imported_plays order by hash(played_at) limit ${EXCLUDED}`,
    [],
  )
  const rounds: Awaited<ReturnType<typeof used>>[] = []
  for (const [index, { played_at, uri }] of plays.entries()) {
    const playedAt = new Date(String(played_at))
    const exclusion = { playedAt, uri: String(uri), excluded: true, changedAt: new Date(Date.parse(UNTIL) + index) }
    rounds.push(
      await used(async () => {
        const { full } = await buildModels(warehouse, { exclusionsSince: async () => [exclusion] })
        if (full) throw new Error(`An exclusion built everything: ${full}`)
      }),
    )
  }
  return rounds
}

async function measureSize({ plays, label, targets }: (typeof SIZES)[number]): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tracklake-bench-'))
  const file = join(folder, 'models.duckdb')
  let warehouse: EmbeddedWarehouse = await openDuckdb(file)
  try {
    await writeHistory(warehouse, { plays, until: UNTIL })
    const full = await used(() => buildModels(warehouse))
    await warehouse.close()
    warehouse = await openDuckdb(file)
    const size = await sizeOf(warehouse)
    const rounds: Awaited<ReturnType<typeof used>>[] = []
    let from = Date.parse(UNTIL) + 600 * SECOND
    for (let round = 0; round < ROUNDS; round += 1) {
      await writeNewPlays(warehouse, { plays: NEW_PLAYS, from: new Date(from).toISOString() })
      from += (NEW_PLAYS + 1) * 200 * SECOND
      rounds.push(await used(() => buildModels(warehouse)))
    }
    const arrived = quantile(
      rounds.map(({ cpuMs }) => cpuMs),
      0.5,
    )
    const excluded = await excludeOneByOne(warehouse)
    const how = `${plays.toLocaleString('en')} plays of 12 years, the newest 20,000 from the API, the others imported; CPU of the process.`
    return [
      {
        name: `all models from the start, ${label}`,
        value: full.cpuMs / SECOND,
        unit: 's',
        target: { atMost: targets.full },
        baseline: `${(full.wallMs / SECOND).toFixed(1)} s elapsed`,
        how,
      },
      {
        name: `${NEW_PLAYS} new plays, ${label}`,
        value: arrived,
        unit: 'ms',
        ...(targets.arrived ? { target: { atMost: targets.arrived } } : {}),
        baseline: `${Math.round(
          quantile(
            rounds.map(({ wallMs }) => wallMs),
            0.5,
          ),
        )} ms elapsed`,
        how: `${how} Median of ${ROUNDS} builds, each after ${NEW_PLAYS} plays of three hours.`,
      },
      {
        name: `one play excluded, ${label}`,
        value: quantile(
          excluded.map(({ cpuMs }) => cpuMs),
          0.5,
        ),
        unit: 'ms',
        baseline: `${EXCLUDED} one after the other: ${(sum(excluded.map(({ cpuMs }) => cpuMs)) / SECOND).toFixed(1)} s of CPU, ${(sum(excluded.map(({ wallMs }) => wallMs)) / SECOND).toFixed(1)} s elapsed`,
        how: `${how} Median of ${EXCLUDED} builds, each after one play somewhere in the 12 years was excluded; none is full.`,
      },
      {
        name: `raw tables and models per play, ${label}`,
        value: size.used / plays,
        unit: 'bytes',
        target: { atMost: targets.bytes },
        baseline: `${Math.round(size.file / plays)} bytes of file`,
        how: `${how} Used blocks of the file, after one build.`,
      },
    ]
  } finally {
    await warehouse.close()
    await rm(folder, { recursive: true, force: true })
  }
}

export const modelsPart: Part = {
  title: 'Models',
  async measure() {
    const figures: Figure[] = []
    for (const size of SIZES) figures.push(...(await measureSize(size)))
    return figures
  },
}
