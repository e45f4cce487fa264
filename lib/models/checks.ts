import { type Clock, now as present } from '#lib/core/clock.ts'
import type { Cell, Row } from '#lib/core/table.ts'
import { quote } from '#lib/warehouse/identifiers.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import { type Layer, type NameOf, NOW, tracklakeProject } from './project.ts'
import { type ColumnTest, describedModels } from './schema.ts'

/** The tests of the dbt project as checks of a warehouse. */

export interface CheckResult {
  /** As dbt names the test, for example `unique_dim_tracks_track_id`. */
  name: string
  /** What should be true, in plain words. */
  title: string
  model: string | null
  passed: boolean
  /** How many rows contradict it. */
  failing: number
  /** The first of these rows. */
  sample: Row[]
}

interface Check {
  name: string
  title: string
  model: string | null
  /** Selects the rows that must not exist. */
  sql: string
  /** The columns of `model` that say when its rows arrived, for checks of a range. */
  dayColumn: string | null
}

const SAMPLE = 5
const DEADLINE_MS = 60_000

const nameInFile: NameOf = (schema, name) => `${quote(schema)}.${quote(name)}`

/**
 * Runs every check, or those about single rows of the days from `range.from` to `range.to` (both `YYYY-MM-DD`, included,
 * in the listener's zone). The models must have been built.
 */
export async function runChecks(
  warehouse: EmbeddedWarehouse,
  { range, now = present }: { range?: { from: string; to: string }; now?: Clock } = {},
): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const check of allChecks()) {
    if (range && !check.dayColumn) continue
    const sql = check.sql.replaceAll(NOW, now().toISOString().replace('Z', ''))
    const { text, values } =
      range && check.dayColumn ? withinRange(sql, check.dayColumn, range) : { text: sql, values: [] }
    // One row more says how many there are in all.
    const rows = await warehouse.query(
      `select *, count(*) over () as tracklake_failing from (${text}) as failing limit ${SAMPLE}`,
      values,
      { deadlineMs: DEADLINE_MS },
    )
    const failing = Number(rows[0]?.tracklake_failing ?? 0)
    const sample = rows.map(({ tracklake_failing, ...row }) => row)
    results.push({ name: check.name, title: check.title, model: check.model, passed: failing === 0, failing, sample })
  }
  return results
}

function withinRange(
  sql: string,
  column: string,
  { from, to }: { from: string; to: string },
): { text: string; values: Cell[] } {
  return {
    text: `select * from (${sql}) as found where ${quote(column)} between cast(? as date) and cast(? as date)`,
    values: [from, to],
  }
}

let cached: Check[] | undefined

/** All checks: those of schema.yml and the singular tests of dbt/tests. */
function allChecks(): Check[] {
  cached ??= [...columnChecks(), ...singularChecks()]
  return cached
}

function columnChecks(): Check[] {
  const layers = new Map(
    tracklakeProject()
      .models('duckdb', nameInFile)
      .map(({ name, layer }) => [name, layer]),
  )
  return describedModels().flatMap(({ name: model, columns }) => {
    const relation = relationOf(layers, model)
    const dayColumn = columns.some(({ name }) => name === 'day') ? 'day' : null
    return columns.flatMap(({ name: column, data_tests }) =>
      data_tests.map((test): Check => {
        const { kind, title, sql, single } = columnCheck(test, { relation, model, column, layers })
        return { name: `${kind}_${model}_${column}`, title, model, sql, dayColumn: single ? dayColumn : null }
      }),
    )
  })
}

function columnCheck(
  test: ColumnTest,
  { relation, model, column, layers }: { relation: string; model: string; column: string; layers: Map<string, Layer> },
): { kind: string; title: string; sql: string; single: boolean } {
  const named = `${column} of ${model}`
  const cell = quote(column)
  if (test === 'unique')
    return {
      kind: 'unique',
      title: `No two rows have the same ${named}.`,
      sql: `select ${cell}, count(*) as copies from ${relation} where ${cell} is not null group by ${cell} having count(*) > 1`,
      single: false,
    }
  if (test === 'not_null')
    return {
      kind: 'not_null',
      title: `Every row has a ${named}.`,
      sql: `select * from ${relation} where ${cell} is null`,
      single: true,
    }
  if ('accepted_values' in test) {
    const { values } = test.accepted_values.arguments
    return {
      kind: 'accepted_values',
      title: `Every ${named} is ${values.join(', ')}.`,
      sql: `select * from ${relation} where ${cell} not in (${values.map((value) => `'${value}'`).join(', ')})`,
      single: true,
    }
  }
  const { to, field } = test.relationships.arguments
  const other = /'(\w+)'/.exec(to)?.[1] ?? ''
  return {
    kind: 'relationships',
    title: `Every ${named} is a ${field} of ${other}.`,
    sql: `select * from ${relation} where ${cell} is not null and ${cell} not in (select ${quote(field)} from ${relationOf(layers, other)})`,
    single: true,
  }
}

function relationOf(layers: Map<string, Layer>, model: string): string {
  const layer = layers.get(model)
  if (!layer) throw new Error(`schema.yml describes ${model}, which is not a model`)
  return nameInFile(layer, model)
}

/** Each file starts with what it checks, as a comment. */
function singularChecks(): Check[] {
  return tracklakeProject()
    .tests('duckdb', nameInFile)
    .map(({ name, sql }) => {
      const [comment = ''] = sql.split('\n')
      return { name, title: comment.replace(/^-- /, ''), model: null, sql, dayColumn: null }
    })
}
