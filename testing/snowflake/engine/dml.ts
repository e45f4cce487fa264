import { SnowflakeFailure, syntaxError, unsupported } from '#testing/snowflake/sql/failure.ts'
import { displayName, duckName } from '#testing/snowflake/sql/names.ts'
import { type Cursor, is, splitCommas, type Token, unexpected } from '#testing/snowflake/sql/tokens.ts'
import type { Execution, Target } from './execution.ts'
import { countsResult, type ResultSet } from './results.ts'

/** INSERT [OVERWRITE] INTO name (columns) query */
export function insert(execution: Execution, cursor: Cursor): Promise<ResultSet> {
  const overwrite = cursor.takes('OVERWRITE')
  cursor.expect('INTO')
  const path = cursor.names()
  cursor.expect('(')
  const columns = cursor.group()
  const target = overwrite ? execution.target(path, 'INSERT', 'DELETE') : execution.target(path, 'INSERT')
  const list = columnList(target, columns)
  const query = execution.query(cursor.rest())
  return execution.write(async () => {
    // Like Snowflake, read everything before writing anything.
    await execution.run(`CREATE OR REPLACE TEMP TABLE arriving AS ${query}`, execution.bound)
    if (overwrite) await execution.run(`DELETE FROM ${target.duck}`)
    const { rows } = await execution.run(`INSERT INTO ${target.duck} (${list}) SELECT * FROM temp.main.arriving`)
    await execution.run('DROP TABLE temp.main.arriving')
    return countsResult({ 'number of rows inserted': Number(rows[0]?.[0]) })
  })
}

function columnList(target: Target, tokens: Token[]): string {
  return splitCommas(tokens)
    .map((tokensOfOne) => {
      const [token] = tokensOfOne
      if (tokensOfOne.length !== 1 || (token?.kind !== 'word' && token?.kind !== 'quoted'))
        throw unexpected(token, 'a column')
      return columnOf(target, token)
    })
    .join(', ')
}

function columnOf(target: Target, token: Token): string {
  const name = token.kind === 'quoted' ? token.text : token.text.toUpperCase()
  if (!target.columns.has(name))
    throw new SnowflakeFailure('000904', `SQL compilation error:\ninvalid identifier '${displayName([name])}'`, '42000')
  return duckName(name)
}

/** UPDATE name SET column = expression, … [WHERE …] */
export function update(execution: Execution, cursor: Cursor): Promise<ResultSet> {
  const target = execution.target(cursor.names(), 'UPDATE', 'SELECT')
  cursor.expect('SET')
  const sql = `UPDATE ${target.duck} SET ${execution.query(cursor.rest())}`
  return execution.write(async () => {
    const { rows } = await execution.run(sql, execution.bound)
    return countsResult({ 'number of rows updated': Number(rows[0]?.[0]), 'number of multi-joined rows updated': 0 })
  })
}

/** DELETE FROM name [WHERE …] */
export function remove(execution: Execution, cursor: Cursor): Promise<ResultSet> {
  cursor.expect('FROM')
  const target = execution.target(cursor.names(), 'DELETE', 'SELECT')
  const rest = cursor.rest()
  if (rest.length > 0 && !is(rest[0], 'WHERE')) throw unexpected(rest[0], 'WHERE')
  const sql = `DELETE FROM ${target.duck} ${execution.query(rest)}`
  return execution.write(async () => {
    const { rows } = await execution.run(sql, execution.bound)
    return countsResult({ 'number of rows deleted': Number(rows[0]?.[0]) })
  })
}

/** MERGE INTO name alias USING (query) alias ON condition WHEN … */
export function merge(execution: Execution, cursor: Cursor): Promise<ResultSet> {
  cursor.expect('INTO')
  const path = cursor.names()
  const alias = cursor.name()
  cursor.expect('USING', '(')
  const source = cursor.group()
  const sourceAlias = cursor.name()
  cursor.expect('ON')
  const on = takeUntilWhen(cursor)
  const whens = cursor.rest()
  if ([...on, ...whens].some(({ kind }) => kind === 'parameter'))
    throw unsupported('values bound outside of the source of a MERGE')
  const actions = mergeActionsOf(whens)
  const target = execution.target(path, ...actions.map(({ privilege }) => privilege), 'SELECT')
  const parts = {
    target: `${target.duck} ${duckName(alias)}`,
    source: execution.query(source),
    sourceAlias: duckName(sourceAlias),
    on: execution.query(on),
    whens: execution.query(whens),
  }
  return execution.write(() => runMerge(execution, parts, actions))
}

interface MergeParts {
  target: string
  source: string
  sourceAlias: string
  on: string
  whens: string
}

async function runMerge(execution: Execution, parts: MergeParts, actions: MergeAction[]): Promise<ResultSet> {
  const from = `temp.main.arriving ${parts.sourceAlias}`
  await execution.run(`CREATE OR REPLACE TEMP TABLE arriving AS ${parts.source}`, execution.bound)
  if (actions.some(({ action }) => action !== 'INSERT')) {
    const alias = parts.target.slice(parts.target.lastIndexOf(' "') + 1)
    const twice = `SELECT 1 FROM ${parts.target} JOIN ${from} ON ${parts.on} GROUP BY ${alias}.rowid HAVING count(*) > 1`
    const found = await execution.run(twice, [], 1)
    if (found.rows.length > 0 && execution.session.parameter('ERROR_ON_NONDETERMINISTIC_MERGE') === 'TRUE')
      throw new SnowflakeFailure('100090', 'Duplicate row detected during DML action\nRow Values: [...]', '42P18')
  }
  await dropRivals(execution, parts, actions)
  const counted = await execution.run(
    `MERGE INTO ${parts.target} USING ${from} ON ${parts.on} ${parts.whens} RETURNING merge_action`,
  )
  await execution.run('DROP TABLE temp.main.arriving')
  const counts = actions.map(({ action, column }) => [column, counted.rows.filter(([done]) => done === action).length])
  return countsResult(Object.fromEntries(counts))
}

/** Without the error Snowflake takes one of several rows, and doesn't say which. */
async function dropRivals(execution: Execution, { target, on, sourceAlias }: MergeParts, actions: MergeAction[]) {
  if (actions.every(({ action }) => action === 'INSERT')) return
  const alias = target.slice(target.lastIndexOf(' "') + 1)
  await execution.run(`DELETE FROM temp.main.arriving WHERE rowid IN (
    SELECT rival FROM (SELECT ${sourceAlias}.rowid AS rival, row_number() OVER (PARTITION BY ${alias}.rowid) AS place
      FROM ${target} JOIN temp.main.arriving ${sourceAlias} ON ${on}) WHERE place > 1)`)
}

interface MergeAction {
  action: 'INSERT' | 'UPDATE' | 'DELETE'
  privilege: string
  column: string
}

// In the order in which Snowflake returns the counts.
const MERGE_ACTIONS: MergeAction[] = [
  { action: 'INSERT', privilege: 'INSERT', column: 'number of rows inserted' },
  { action: 'UPDATE', privilege: 'UPDATE', column: 'number of rows updated' },
  { action: 'DELETE', privilege: 'DELETE', column: 'number of rows deleted' },
]

/** The actions of the clauses. */
function mergeActionsOf(whens: Token[]): MergeAction[] {
  const actions = MERGE_ACTIONS.filter(({ action }) =>
    whens.some((token, at) => is(token, action) && is(whens[at - 1], 'THEN')),
  )
  if (actions.length === 0) throw syntaxError('a MERGE needs a WHEN clause.')
  return actions
}

function takeUntilWhen(cursor: Cursor): Token[] {
  const start = cursor.at
  for (let depth = 0; !cursor.done && !(depth === 0 && cursor.sees('WHEN')); ) {
    const token = cursor.next()
    if (is(token, '(')) depth += 1
    if (is(token, ')')) depth -= 1
  }
  return cursor.tokens.slice(start, cursor.at)
}
