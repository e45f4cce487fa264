import { Dialect, parse } from '@polyglot-sql/sdk'
import { SnowflakeFailure, syntaxError, unsupported } from './failure.ts'
import { checkGrammar } from './grammar.ts'
import { Cursor, type Token, tokenize } from './tokens.ts'

/** A statement of Snowflake Scripting, as far as the product's scripts use it. */
export type Step =
  | { kind: 'result set'; name: string; statement: Token[] }
  | { kind: 'assign'; name: string; value: Token[] }
  | { kind: 'for'; row: string; set: string; body: Step[] }
  | { kind: 'if'; condition: Token[]; yes: Step[]; no: Step[] }
  | { kind: 'execute'; value: Token[] }
  | { kind: 'return'; set: string }

export interface Block {
  /** Type and default of each declared variable. */
  variables: Map<string, { type: string; value: Token[] }>
  body: Step[]
}

/**
 * Parses a block: DECLARE … BEGIN … END. The independent grammar knows no blocks, so it checks each statement and
 * expression inside.
 * @throws SnowflakeFailure for what is not a block
 */
export function parseBlock(text: string): Block {
  const cursor = new Cursor(tokenize(text))
  const variables: Block['variables'] = new Map()
  if (cursor.takes('DECLARE'))
    while (!cursor.sees('BEGIN')) {
      const name = cursor.name()
      const type = cursor.name()
      cursor.expect('DEFAULT')
      variables.set(name, { type, value: expression(cursor.until(';')) })
    }
  cursor.expect('BEGIN')
  const body = steps(cursor)
  cursor.expect('END')
  cursor.takes(';')
  cursor.end()
  return { variables, body }
}

function steps(cursor: Cursor): Step[] {
  const found: Step[] = []
  while (!cursor.sees('END') && !cursor.sees('ELSE')) found.push(step(cursor))
  if (found.length === 0) throw syntaxError(`unexpected '${cursor.peek()?.text}': a block contains statements.`)
  return found
}

function step(cursor: Cursor): Step {
  if (cursor.takes('LET')) return resultSet(cursor)
  if (cursor.takes('FOR')) {
    const row = cursor.name()
    cursor.expect('IN')
    const set = cursor.name()
    cursor.expect('DO')
    const body = steps(cursor)
    cursor.expect('END', 'FOR', ';')
    return { kind: 'for', row, set, body }
  }
  if (cursor.takes('IF', '(')) {
    const condition = expression(cursor.group())
    cursor.expect('THEN')
    const yes = steps(cursor)
    const no = cursor.takes('ELSE') ? steps(cursor) : []
    cursor.expect('END', 'IF', ';')
    return { kind: 'if', condition, yes, no }
  }
  if (cursor.takes('EXECUTE', 'IMMEDIATE')) {
    const value = cursor.until(';')
    // Documented are a text or a variable, not an expression.
    if (value.length > 2) throw unsupported('EXECUTE IMMEDIATE with an expression')
    const [literal] = value
    if (literal?.kind === 'string') checkGrammar(literal.text)
    return { kind: 'execute', value }
  }
  if (cursor.takes('RETURN', 'TABLE', '(')) {
    const set = cursor.name()
    cursor.expect(')', ';')
    return { kind: 'return', set }
  }
  const name = cursor.name()
  cursor.expect(':=')
  return { kind: 'assign', name, value: expression(cursor.until(';')) }
}

function resultSet(cursor: Cursor): Step {
  const name = cursor.name()
  cursor.expect('RESULTSET', ':=', '(')
  const statement = cursor.group()
  cursor.expect(';')
  checkGrammar(written(statement))
  return { kind: 'result set', name, statement }
}

function expression(tokens: Token[]): Token[] {
  const result = parse(`SELECT ${written(tokens)}`, Dialect.Snowflake)
  if (!result.success) throw new SnowflakeFailure('001003', `SQL compilation error:\n${result.error}`)
  return tokens
}

/** Tokens as text. A `:name` becomes a value, because the grammar knows no variables. */
function written(tokens: Token[]): string {
  return tokens
    .filter((token) => !(token.kind === 'operator' && token.text === ':'))
    .map((token) => {
      if (token.kind === 'quoted') return `"${token.text.replaceAll('"', '""')}"`
      if (token.kind === 'string') return `'${token.text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
      return token.text
    })
    .join(' ')
    .replaceAll(' . ', '.')
}
