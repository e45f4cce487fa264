import { type Clock, now as present } from '#lib/core/clock.ts'
import { messageOf } from '#lib/core/errors.ts'
import type { DateRange } from '#lib/core/period.ts'
import type { Cell } from '#lib/core/table.ts'
import { quote } from '#lib/warehouse/identifiers.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import type { CheckState } from './outcomes.ts'
import { type NameOf, NOW, tracklakeProject } from './project.ts'
import { type ColumnTest, describedModels } from './schema.ts'

/** The tests of the dbt project as checks of a warehouse. */

/** What people read about a check. */
export interface CheckTexts {
  /** What should be true. */
  title: string
  /** What is wrong, without a full stop. */
  failed: (count: number) => string
  /** What it means for the charts if it fails. */
  meaning: string
  remedy: string
}

export interface CheckResult {
  /** As dbt names the test, for example `unique_dim_tracks_track_id`. */
  name: string
  state: CheckState
  /** How many rows contradict it; null if it could not run. */
  failing: number | null
  /** Why it could not run. */
  problem: string | null
}

interface Check extends CheckTexts {
  name: string
  /** The tables that it is about, as schema.name. */
  tables: string[]
  /** Whether a full build may repair what is wrong. Otherwise it is in what was loaded, or wasn't. */
  isRepairable: boolean
  /** What must not exist: rows of a relation that meet a condition, or the rows of a query. */
  wrong: { relation: string; condition: string } | { query: string }
  /** The column that has the day of these rows, for checks of a range; null for checks of whole tables. */
  dayColumn: string | null
}

const DEADLINE_MS = 60_000

const nameInFile: NameOf = (schema, name) => `${quote(schema)}.${quote(name)}`

interface Options {
  /** Checks only single rows of these days, in the listener's zone; null: none. */
  range?: DateRange | null
  /** Names of checks that are run on all rows, whatever the range. */
  whole?: ReadonlySet<string>
  now?: Clock
}

/**
 * Runs every check, or those about single rows of a range of days. The models must have been built. A check that fails
 * for a technical reason doesn't stop the others.
 */
export async function runChecks(
  warehouse: EmbeddedWarehouse,
  { range, whole = new Set(), now = present }: Options = {},
): Promise<CheckResult[]> {
  const due = allChecks().flatMap((check): DueCheck[] => {
    if (range === undefined || whole.has(check.name)) return [{ check, range: null }]
    return check.dayColumn && range ? [{ check, range }] : []
  })
  const results: CheckResult[] = []
  for (const together of Map.groupBy(due, placeOf).values())
    results.push(...(await runTogether(warehouse, together, now)))
  return results
}

interface DueCheck {
  check: Check
  range: DateRange | null
}

/** Conditions of one relation are counted in one scan. */
function placeOf({ check: { name, wrong }, range }: DueCheck): string {
  return 'relation' in wrong ? `${wrong.relation} ${range !== null}` : name
}

/** Checks of one place. If their query fails, each runs alone. */
async function runTogether(warehouse: EmbeddedWarehouse, due: DueCheck[], now: Clock): Promise<CheckResult[]> {
  const { text, values } = countingQuery(due)
  try {
    const [counts = {}] = await warehouse.query(text.replaceAll(NOW, now().toISOString().replace('Z', '')), values, {
      deadlineMs: DEADLINE_MS,
    })
    return due.map(({ check: { name } }, index) => {
      const failing = Number(counts[`failing_${index}`])
      return { name, state: failing === 0 ? 'passed' : 'failed', failing, problem: null }
    })
  } catch (error) {
    const [first] = due
    if (due.length === 1 && first)
      return [{ name: first.check.name, state: 'could not run', failing: null, problem: messageOf(error) }]
    const results: CheckResult[] = []
    for (const one of due) results.push(...(await runTogether(warehouse, [one], now)))
    return results
  }
}

function countingQuery(due: DueCheck[]): { text: string; values: Cell[] } {
  const counts = due.map(({ check: { wrong } }, index) =>
    'relation' in wrong
      ? `count(case when ${wrong.condition} then 1 end) as failing_${index}`
      : `count(*) as failing_${index}`,
  )
  const [{ check, range } = {}] = due as [DueCheck?]
  const wrong = check?.wrong ?? { query: 'select 1' }
  const from = 'relation' in wrong ? wrong.relation : `(\n${wrong.query}\n) as wrong`
  return {
    text: `select ${counts.join(', ')} from ${from}${range ? ` where ${quote(check?.dayColumn ?? '')} between cast(? as date) and cast(? as date)` : ''}`,
    values: range ? [range.from, range.to] : [],
  }
}

/** The days that the last build wrote plays of; null if none. */
export async function touchedDays(warehouse: EmbeddedWarehouse): Promise<DateRange | null> {
  const [days] = await warehouse.query(
    `select cast(min(day) as varchar) as first, cast(max(day) as varchar) as last
     from ${nameInFile('analytical', 'int_touched_plays')}
     where batch = (select max(batch) from ${nameInFile('analytical', 'int_batch')})`,
    [],
  )
  return days?.first && days.last ? { from: String(days.first), to: String(days.last) } : null
}

let cached: Check[] | undefined

/** All checks: those of schema.yml and the singular tests of dbt/tests. */
function allChecks(): Check[] {
  cached ??= [...columnChecks(), ...singularChecks()]
  return cached
}

/** All checks with their texts. */
export function describedChecks(): (CheckTexts & Pick<Check, 'name' | 'tables' | 'isRepairable'>)[] {
  return allChecks()
}

/** Remedies that several checks share, by the word that a file of dbt/tests has for them. */
const REMEDIES: Record<string, string> = {
  rebuild:
    'Tracklake has built everything once more and checks again with each sync. If it still fails, tell the person who runs this instance the name of the check.',
  report: 'Tell the person who runs this instance the name of the check.',
}

function columnChecks(): Check[] {
  const models = tracklakeProject().models('duckdb', nameInFile)
  const relations = new Map(models.map(({ name, layer }) => [name, nameInFile(layer, name)]))
  const addresses = new Map(models.map(({ name, layer }) => [name, `${layer}.${name}`]))
  // What views show is checked in the tables that they are computed from.
  const stored = new Set(models.filter(({ materialized }) => materialized !== 'view').map(({ name }) => name))
  const rowNames = new Map(describedModels().map(({ name, config }) => [name, config.meta.row]))
  const named = (names: Map<string, string>, model: string) => {
    const found = names.get(model)
    if (!found) throw new Error(`schema.yml describes ${model}, which is not a model`)
    return found
  }
  return describedModels().flatMap(({ name: model, columns, config: { meta } }) => {
    const dayColumn = stored.has(model) && columns.some(({ name }) => name === 'day') ? 'day' : null
    return columns.flatMap(({ name: column, data_tests }) =>
      data_tests.map((test): Check => {
        const { kind, single, other, ...check } = columnCheck(test, {
          column,
          row: meta.row,
          relation: named(relations, model),
          relationOf: (name) => named(relations, name),
          rowOf: (name) => named(rowNames, name),
        })
        return {
          ...check,
          name: `${kind}_${model}_${column}`,
          meaning: `Charts that read the table “${meta.title}” can be wrong.`,
          remedy: REMEDIES.rebuild ?? '',
          isRepairable: true,
          tables: [model, ...(other ? [other] : [])].map((name) => named(addresses, name)),
          dayColumn: single ? dayColumn : null,
        }
      }),
    )
  })
}

interface ColumnContext {
  column: string
  row: string
  relation: string
  relationOf: (model: string) => string
  rowOf: (model: string) => string
}

interface ColumnCheck extends Pick<Check, 'title' | 'failed' | 'wrong'> {
  kind: string
  /** Whether it is about single rows, so that a range can be checked by itself. */
  single: boolean
  other?: string
}

function columnCheck(test: ColumnTest, { column, row, relation, ...context }: ColumnContext): ColumnCheck {
  const cell = quote(column)
  const rows = (count: number) => (count === 1 ? `1 ${row}` : `${count} ${row}s`)
  const verb = (count: number, one: string, many: string) => `${rows(count)} ${count === 1 ? one : many}`
  if (test === 'unique')
    return {
      kind: 'unique',
      title: `No two rows have the same ${column}.`,
      failed: (count) => verb(count, 'is listed more than once', 'are listed more than once'),
      wrong: {
        query: `select ${cell} from ${relation} where ${cell} is not null group by ${cell} having count(*) > 1`,
      },
      single: false,
    }
  if (test === 'not_null')
    return {
      kind: 'not_null',
      title: `${column} is never empty.`,
      failed: (count) => `${verb(count, 'has', 'have')} no ${nounOf(column)}`,
      wrong: { relation, condition: `${cell} is null` },
      single: true,
    }
  if ('accepted_values' in test) {
    const { values } = test.accepted_values.arguments
    return {
      kind: 'accepted_values',
      title: `${column} is always one of ${values.join(', ')}.`,
      failed: (count) => `${verb(count, 'has', 'have')} an unknown ${nounOf(column)}`,
      wrong: { relation, condition: `${cell} not in (${values.map((value) => `'${value}'`).join(', ')})` },
      single: true,
    }
  }
  const { to, field } = test.relationships.arguments
  const other = /'(\w+)'/.exec(to)?.[1] ?? ''
  return {
    kind: 'relationships',
    title: `Every ${column} is in ${other}.`,
    failed: (count) => `${verb(count, 'belongs', 'belong')} to ${withArticle(context.rowOf(other))} that doesn’t exist`,
    wrong: {
      relation,
      condition: `${cell} is not null and ${cell} not in (select ${quote(field)} from ${context.relationOf(other)})`,
    },
    single: true,
    other,
  }
}

function withArticle(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`
}

/** What a column is called in a sentence: track_key is a song, day is a day. */
function nounOf(column: string): string {
  return column
    .replace(/_(key|id)$/, '')
    .replace('track', 'song')
    .replaceAll('_', ' ')
}

const HEADER = /^-- (?:(one|many|meaning|remedy|range): )?(.+)$/

/** Each file starts with comments: what should be true, then by key what people read if it isn't. */
function singularChecks(): Check[] {
  const project = tracklakeProject()
  const layers = new Map(project.models('duckdb', nameInFile).map(({ name, layer }) => [name, layer]))
  return project.tests('duckdb', nameInFile).map(({ name, sql, refs, sources }) => {
    const texts: Record<string, string> = {}
    for (const line of sql.split('\n')) {
      const [, key = 'title', text] = HEADER.exec(line) ?? []
      if (text === undefined) break
      texts[key] ??= text
    }
    const { title, one, many, meaning, remedy, range = null } = texts
    if (!title || !one || !many || !meaning || !remedy)
      throw new Error(`dbt/tests/${name}.sql must start with comments: what is true, one:, many:, meaning:, remedy:`)
    return {
      name,
      title,
      failed: (count) => (count === 1 ? one : many.replace('{count}', String(count))),
      meaning,
      remedy: REMEDIES[remedy] ?? remedy,
      isRepairable: remedy === 'rebuild',
      tables: [...sources.map((source) => `raw.${source}`), ...refs.map((ref) => `${layers.get(ref)}.${ref}`)],
      wrong: { query: sql },
      dayColumn: range,
    }
  })
}
