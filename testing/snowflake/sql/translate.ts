import { SnowflakeFailure, syntaxError, unknownFunction, unsupported } from './failure.ts'
import { FUNCTIONS, KEYWORDS, RESERVED } from './functions.ts'
import { duckName, duckText } from './names.ts'
import { Cursor, is, splitCommas, type Token, unexpected } from './tokens.ts'
import { takeType } from './types.ts'

/** What a translation needs from its statement. */
export interface TranslationContext {
  /** The DuckDB SQL of a table. Checks that the table exists and is readable. */
  table(path: string[]): string
  /** Called where rows are computed, which needs a virtual warehouse. */
  compute(): void
  /** The value of CURRENT_ROLE() and similar functions; undefined if there is no such function. */
  context(name: string): string | null | undefined
  /** The value of a session parameter. */
  parameter(name: string): string
}

/** Translates expressions and queries of the supported subset and refuses everything else. */
export class Translation {
  private readonly context: TranslationContext
  private readonly common = new Set<string>()
  private parameters = 0

  constructor(around: TranslationContext) {
    this.context = around
  }

  /** A query, or a part of one that is not a list of tables. @param inFrom whether it is in parentheses after FROM */
  query(tokens: Token[], inFrom = false): string {
    const cursor = new Cursor(tokens)
    const pieces: string[] = []
    // Whether a comma separates tables and not columns.
    let amongTables = false
    while (!cursor.done) {
      const token = cursor.next()
      const word = token.kind === 'word' ? token.text.toUpperCase() : undefined
      if (word === 'FROM' && !isDistinctFrom(tokens, cursor.at - 1)) amongTables = true
      else if (word && CLAUSES.has(word)) amongTables = false
      if (word === 'WITH') this.nameCommon(cursor)
      if (word === 'AS' && isReserved(cursor.peek())) throw unexpected(cursor.peek(), 'a name')
      // Documented are VALUES in FROM, not as a query of their own.
      if (word === 'VALUES' && cursor.at === 1 && !inFrom) throw syntaxError("unexpected 'VALUES'.")
      if (word === 'AS' && amongTables && is(cursor.peek(1), '(')) pieces.push(`AS ${this.aliasWithColumns(cursor)}`)
      else this.piece(cursor, token, pieces)
      const tableNext =
        (word === 'FROM' && !isDistinctFrom(tokens, cursor.at - 1)) ||
        word === 'JOIN' ||
        (amongTables && is(token, ','))
      if (tableNext) pieces.push(this.tableFactor(cursor))
    }
    return pieces.join(' ')
  }

  /** A table, a subquery or a table function, with its alias. */
  tableFactor(cursor: Cursor): string {
    if (cursor.takes('LATERAL')) return this.flattened(cursor)
    if (cursor.takes('TABLE')) {
      cursor.expect('(')
      const inner = new Cursor(cursor.group())
      const rows = inner.sees('GENERATOR') ? this.generated(inner) : this.flattened(inner)
      inner.end()
      return rows
    }
    if (cursor.takes('(')) return `(${this.query(cursor.group(), true)})`
    const path = cursor.names()
    const [only] = path
    if (path.length === 1 && only !== undefined && this.common.has(only)) return duckName(only)
    return this.context.table(path)
  }

  /** GENERATOR(ROWCOUNT => n): rows whose only content is SEQ4(). */
  private generated(cursor: Cursor): string {
    cursor.expect('GENERATOR', '(', 'ROWCOUNT', '=>')
    this.context.compute()
    return `(SELECT range AS "SEQ4" FROM range(CAST(${this.query(cursor.group())} AS BIGINT)))`
  }

  /** The name of a relation with the names of its columns: `h(n)`. */
  private aliasWithColumns(cursor: Cursor): string {
    const name = cursor.name()
    cursor.expect('(')
    const columns = splitCommas(cursor.group()).map((tokens) => {
      const column = new Cursor(tokens)
      const result = duckName(column.name())
      column.end()
      return result
    })
    return `${duckName(name)}(${columns.join(', ')})`
  }

  private flattened(cursor: Cursor): string {
    cursor.expect('FLATTEN', '(', 'INPUT', '=>')
    this.context.compute()
    const rest = cursor.group()
    const elements = `sf_elements(${this.query(rest)})`
    return `(SELECT unnest(q.a) AS "VALUE", unnest(range(len(q.a))) AS "INDEX" FROM (SELECT ${elements} AS a) q)`
  }

  /** Translates one token with what belongs to it, and appends it to the pieces. */
  private piece(cursor: Cursor, token: Token, pieces: string[]): void {
    if (token.kind === 'parameter') pieces.push(`$${++this.parameters}`)
    else if (token.kind === 'string') pieces.push(duckText(token.text))
    else if (token.kind === 'number') pieces.push(token.text)
    else if (token.kind === 'quoted') pieces.push(this.names(cursor, duckName(token.text)))
    else if (token.kind === 'word') pieces.push(this.word(cursor, token.text.toUpperCase()))
    else if (token.text === '(') pieces.push(`(${this.query(cursor.group())})`)
    else if (token.text === '::') pieces.push(this.cast(pieces.pop(), cursor))
    else if (PASSING.has(token.text)) pieces.push(token.text)
    else throw syntaxError(`unexpected '${token.text}'.`)
  }

  private word(cursor: Cursor, word: string): string {
    if (KEYWORDS.has(word)) return word
    if (word === 'INTERVAL' && cursor.peek()?.kind === 'string') return `INTERVAL ${duckText(cursor.text())}`
    if (this.common.has(word) && cursor.sees('(')) {
      cursor.at -= 1
      return this.aliasWithColumns(cursor)
    }
    if (cursor.takes('(')) return this.call(word, cursor.group())
    return this.names(cursor, duckName(word))
  }

  /** A name, qualified if a `.` follows. */
  private names(cursor: Cursor, first: string): string {
    if (!cursor.takes('.')) return first
    if (cursor.takes('*')) return `${first}.*`
    const token = cursor.next()
    if (isReserved(token)) throw unexpected(token, 'a name')
    if (token.kind !== 'word' && token.kind !== 'quoted') throw unexpected(token, 'a name')
    if (cursor.sees('.')) throw unsupported('columns qualified with the full name of their table')
    return `${first}.${duckName(token.kind === 'word' ? token.text.toUpperCase() : token.text)}`
  }

  private call(name: string, content: Token[]): string {
    if (name === 'CAST') return this.castCall(content)
    if (name === 'EXTRACT') return this.extract(content)
    if (name === 'DATEADD') return this.dateAdd(content)
    if (name === 'SEQ4' && content.length === 0) return '"SEQ4"'
    if (name === 'GREATEST' || name === 'LEAST') return this.extreme(name.toLowerCase(), content)
    const value = content.length === 0 ? this.context.context(name) : undefined
    if (value !== undefined) return value === null ? 'CAST(NULL AS VARCHAR)' : duckText(value)
    const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined
    if (known === undefined) throw unknownFunction(name)
    if (name === 'DATE_PART') return `${known}(${this.datePart(content)})`
    return `${known}(${this.query(content)})`
  }

  private castCall(content: Token[]): string {
    const at = content.findLastIndex((token) => is(token, 'AS'))
    const cursor = new Cursor(content.slice(at + 1))
    const result = this.castTo(this.query(content.slice(0, at)), cursor)
    cursor.end()
    return result
  }

  private cast(operand: string | undefined, cursor: Cursor): string {
    if (operand === undefined) throw new SnowflakeFailure('001003', "SQL compilation error:\nunexpected '::'.")
    return this.castTo(operand, cursor)
  }

  private castTo(operand: string, cursor: Cursor): string {
    const { duck, computed = duck } = takeType(cursor)
    if (duck === 'JSON') return `CAST(to_json(${operand}) AS JSON)`
    if (duck === 'DATE' && !['AUTO', 'YYYY-MM-DD'].includes(this.context.parameter('DATE_INPUT_FORMAT')))
      return `sf_unreadable_date(${operand})`
    if (duck === 'VARCHAR' && this.context.parameter('DATE_OUTPUT_FORMAT') !== 'YYYY-MM-DD')
      return `sf_varchar_with_other_dates(${operand})`
    return `CAST(sf_varchar(${operand}) AS ${computed})`
  }

  private datePart(content: Token[]): string {
    const cursor = new Cursor(content)
    const part = duckText(cursor.name())
    cursor.expect(',')
    return `${part}, ${this.query(cursor.rest())}`
  }

  /** EXTRACT(part FROM expression) */
  private extract(content: Token[]): string {
    const cursor = new Cursor(content)
    const part = cursor.name()
    if (!['YEAR', 'MONTH', 'DAY'].includes(part)) throw unsupported(`EXTRACT of ${part}`)
    cursor.expect('FROM')
    return `extract(${part} FROM ${this.query(cursor.rest())})`
  }

  /** DATEADD('day', number, date) or DATEADD('millisecond', number, timestamp) */
  private dateAdd(content: Token[]): string {
    const [part, number, moment] = splitCommas(content).map((tokens) => this.query(tokens))
    if (part === "'day'") return `(${moment} + CAST(${number} AS INTEGER))`
    if (part === "'millisecond'") return `(${moment} + to_milliseconds(CAST(${number} AS BIGINT)))`
    throw unsupported(`DATEADD of ${part}`)
  }

  /** GREATEST and LEAST are null if any argument is null; in DuckDB they ignore nulls. */
  private extreme(name: string, content: Token[]): string {
    const values = splitCommas(content).map((tokens) => this.query(tokens))
    return `CASE WHEN ${values.map((value) => `(${value}) IS NULL`).join(' OR ')} THEN NULL ELSE ${name}(${values.join(', ')}) END`
  }

  /** The names of the common table expressions of a WITH. */
  private nameCommon(cursor: Cursor): void {
    const ahead = new Cursor(cursor.tokens)
    ahead.at = cursor.at
    ahead.takes('RECURSIVE')
    do {
      this.common.add(ahead.name())
      if (ahead.takes('(')) ahead.group()
      ahead.expect('AS', '(')
      ahead.group()
    } while (ahead.takes(','))
  }
}

const CLAUSES = new Set([
  'WHERE',
  'GROUP',
  'HAVING',
  'QUALIFY',
  'ORDER',
  'LIMIT',
  'UNION',
  'SELECT',
  'ON',
  'SET',
  'WHEN',
])
const PASSING = new Set([',', '*', '+', '-', '/', '%', '=', '<', '>', '<=', '>=', '<>', '!=', '||'])

/** The FROM in `IS [NOT] DISTINCT FROM` is not followed by a table. */
function isDistinctFrom(tokens: Token[], at: number): boolean {
  return isWord(tokens[at - 1], 'DISTINCT') && (isWord(tokens[at - 2], 'IS') || isWord(tokens[at - 2], 'NOT'))
}

function isReserved(token: Token | undefined): boolean {
  return token?.kind === 'word' && RESERVED.has(token.text.toUpperCase())
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === 'word' && token.text.toUpperCase() === word
}
