import { notKnown, SnowflakeFailure, syntaxError } from './failure.ts'
import { duckName, shown } from './names.ts'
import { type Answer, countsAnswer } from './results.ts'
import { type Cursor, is, splitCommas, type Token, unexpected } from './tokens.ts'
import type { Target, Work } from './work.ts'

/** INSERT [OVERWRITE] INTO name (columns) query */
export function insert(work: Work, cursor: Cursor): Promise<Answer> {
  const overwrite = cursor.takes('OVERWRITE')
  cursor.expect('INTO')
  const path = cursor.names()
  cursor.expect('(')
  const columns = cursor.group()
  const target = overwrite ? work.target(path, 'INSERT', 'DELETE') : work.target(path, 'INSERT')
  const list = columnList(target, columns)
  const query = work.query(cursor.rest())
  return work.write(async () => {
    // All is read before anything is written, as Snowflake does.
    await work.run(`CREATE OR REPLACE TEMP TABLE arriving AS ${query}`, work.bound)
    if (overwrite) await work.run(`DELETE FROM ${target.duck}`)
    const { rows } = await work.run(`INSERT INTO ${target.duck} (${list}) SELECT * FROM temp.main.arriving`)
    await work.run('DROP TABLE temp.main.arriving')
    return countsAnswer({ 'number of rows inserted': Number(rows[0]?.[0]) })
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
    throw new SnowflakeFailure('000904', `SQL compilation error:\ninvalid identifier '${shown([name])}'`, '42000')
  return duckName(name)
}

/** UPDATE name SET column = expression, … [WHERE …] */
export function update(work: Work, cursor: Cursor): Promise<Answer> {
  const target = work.target(cursor.names(), 'UPDATE', 'SELECT')
  cursor.expect('SET')
  const sql = `UPDATE ${target.duck} SET ${work.query(cursor.rest())}`
  return work.write(async () => {
    const { rows } = await work.run(sql, work.bound)
    return countsAnswer({ 'number of rows updated': Number(rows[0]?.[0]), 'number of multi-joined rows updated': 0 })
  })
}

/** DELETE FROM name [WHERE …] */
export function remove(work: Work, cursor: Cursor): Promise<Answer> {
  cursor.expect('FROM')
  const target = work.target(cursor.names(), 'DELETE', 'SELECT')
  const rest = cursor.rest()
  if (rest.length > 0 && !is(rest[0], 'WHERE')) throw unexpected(rest[0], 'WHERE')
  const sql = `DELETE FROM ${target.duck} ${work.query(rest)}`
  return work.write(async () => {
    const { rows } = await work.run(sql, work.bound)
    return countsAnswer({ 'number of rows deleted': Number(rows[0]?.[0]) })
  })
}

/** MERGE INTO name alias USING (query) alias ON condition WHEN … */
export function merge(work: Work, cursor: Cursor): Promise<Answer> {
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
    throw notKnown('values bound outside of the source of a MERGE')
  const deeds = deedsOf(whens)
  const target = work.target(path, ...deeds.map(({ privilege }) => privilege), 'SELECT')
  const parts = {
    target: `${target.duck} ${duckName(alias)}`,
    source: work.query(source),
    sourceAlias: duckName(sourceAlias),
    on: work.query(on),
    whens: work.query(whens),
  }
  return work.write(() => runMerge(work, parts, deeds))
}

interface MergeParts {
  target: string
  source: string
  sourceAlias: string
  on: string
  whens: string
}

async function runMerge(work: Work, parts: MergeParts, deeds: Deed[]): Promise<Answer> {
  const from = `temp.main.arriving ${parts.sourceAlias}`
  await work.run(`CREATE OR REPLACE TEMP TABLE arriving AS ${parts.source}`, work.bound)
  if (deeds.some(({ action }) => action !== 'INSERT')) {
    const alias = parts.target.slice(parts.target.lastIndexOf(' "') + 1)
    const twice = `SELECT 1 FROM ${parts.target} JOIN ${from} ON ${parts.on} GROUP BY ${alias}.rowid HAVING count(*) > 1`
    const found = await work.run(twice, [], 1)
    if (found.rows.length > 0)
      throw new SnowflakeFailure('100090', 'Duplicate row detected during DML action\nRow Values: [...]', '42P18')
  }
  const counted = await work.run(
    `MERGE INTO ${parts.target} USING ${from} ON ${parts.on} ${parts.whens} RETURNING merge_action`,
  )
  await work.run('DROP TABLE temp.main.arriving')
  const counts = deeds.map(({ action, column }) => [column, counted.rows.filter(([done]) => done === action).length])
  return countsAnswer(Object.fromEntries(counts))
}

interface Deed {
  action: 'INSERT' | 'UPDATE' | 'DELETE'
  privilege: string
  column: string
}

// In this order Snowflake names the counts.
const DEEDS: Deed[] = [
  { action: 'INSERT', privilege: 'INSERT', column: 'number of rows inserted' },
  { action: 'UPDATE', privilege: 'UPDATE', column: 'number of rows updated' },
  { action: 'DELETE', privilege: 'DELETE', column: 'number of rows deleted' },
]

/** What the clauses do; one without a deed is no MERGE. */
function deedsOf(whens: Token[]): Deed[] {
  const deeds = DEEDS.filter(({ action }) => whens.some((token, at) => is(token, action) && is(whens[at - 1], 'THEN')))
  if (deeds.length === 0) throw syntaxError('a MERGE wants a WHEN clause.')
  return deeds
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
