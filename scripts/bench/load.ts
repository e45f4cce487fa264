import { benchLoad } from '#lib/warehouse/duckdb/load/load.bench.ts'
import type { Figure, Part } from './figure.ts'
import { benchLanded } from './landed.ts'

async function measureRows(): Promise<Figure[]> {
  const bench = await benchLoad()
  const rows = `${bench.rows.toLocaleString('en')} rows of ${bench.columns} columns`
  const how = `${rows}, median of three rounds in new files.`
  return [
    {
      name: 'load from memory against the bare appender',
      value: bench.ratio,
      unit: '×',
      target: { atMost: 2.5 },
      baseline: `${Math.round(bench.firstLoadMs)} ms against ${Math.round(bench.bareAppenderMs)} ms`,
      how: `${how} The baseline appends the same rows to a table with nothing but DuckDB’s appender and commits.`,
    },
    { name: 'the same rows again', value: bench.sameAgainMs, unit: 'ms', how: `${how} Nothing is written.` },
    { name: 'one row changed', value: bench.oneRowChangedMs, unit: 'ms', how },
    { name: 'top list of 50', value: bench.topListMs, unit: 'ms', how: 'Median of 20 loads.' },
    {
      name: 'question to the warehouse',
      value: bench.queryMs.p95,
      unit: 'ms',
      baseline: `median ${bench.queryMs.median.toFixed(1)} ms`,
      how: 'p95 of 200 grouped questions to a table of 50 rows, within the process.',
    },
  ]
}

async function measureLanded(): Promise<Figure[]> {
  const { pages, rows, totalMs, phases } = await benchLanded()
  const how = `${pages.toLocaleString('en')} landed pages of 50 saved tracks, ${rows.toLocaleString('en')} rows, into an empty warehouse.`
  const shares: [keyof typeof phases, string][] = [
    ['read', 'read and unpack'],
    ['parse', 'parse'],
    ['shape', 'check and shape into rows'],
    ['stage', 'stage'],
    ['commit', 'compare, write and commit'],
  ]
  return [
    { name: 'landed objects to a committed table', value: totalMs, unit: 'ms', how },
    ...shares.map(([phase, words]) => ({
      name: `of it: ${words}`,
      value: (phases[phase] / totalMs) * 100,
      unit: '%' as const,
      baseline: `${Math.round(phases[phase])} ms`,
      how,
    })),
  ]
}

export const loadPart: Part = {
  title: 'Loading',
  measure: async () => [...(await measureRows()), ...(await measureLanded())],
}
