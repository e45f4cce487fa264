import { SnowflakeFailure, syntaxError } from './failure.ts'

export type Token =
  | { kind: 'word'; text: string }
  | { kind: 'quoted'; text: string }
  | { kind: 'string'; text: string }
  | { kind: 'number'; text: string }
  | { kind: 'parameter'; text: string }
  | { kind: 'operator'; text: string }

const SPACE = /(?:\s+|--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y
const WORD = /[A-Za-z_][A-Za-z0-9_$]*/y
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const QUOTED = /"((?:[^"]|"")*)"/y
const TEXT = /'((?:[^'\\]|''|\\[\s\S])*)'/y
const DOLLARS = /\$\$([\s\S]*?)\$\$/y
const OPERATOR = /::|:=|=>|\|\||<>|!=|<=|>=|[().,;:*+\-/%=<>@]/y

// In Snowflake's single-quoted strings a backslash escapes.
const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '0': '\0' }

/** Splits SQL like Snowflake. Strings and quoted names come without their quotes. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(sql)
    if (found) at = pattern.lastIndex
    return found
  }
  for (take(SPACE); at < sql.length; take(SPACE)) {
    const start = at
    const token = next(take, sql[at])
    if (!token) throw syntaxError(`syntax error at position ${start} unexpected '${sql[start]}'.`)
    tokens.push(token)
  }
  return tokens
}

function next(take: (pattern: RegExp) => RegExpExecArray | null, first: string | undefined): Token | undefined {
  if (first === '?') {
    take(/\?/y)
    return { kind: 'parameter', text: '?' }
  }
  const word = take(WORD)
  if (word) return { kind: 'word', text: word[0] }
  const quoted = take(QUOTED)
  if (quoted) return { kind: 'quoted', text: (quoted[1] ?? '').replaceAll('""', '"') }
  const text = take(TEXT)
  if (text) return { kind: 'string', text: withoutEscapes(text[1] ?? '') }
  const dollars = take(DOLLARS)
  if (dollars) return { kind: 'string', text: dollars[1] ?? '' }
  const number = take(NUMBER)
  if (number) return { kind: 'number', text: number[0] }
  const operator = take(OPERATOR)
  return operator ? { kind: 'operator', text: operator[0] } : undefined
}

function withoutEscapes(text: string): string {
  return text.replaceAll(/''|\\([\s\S])/g, (all, escaped: string | undefined) =>
    escaped === undefined ? "'" : (ESCAPES[escaped] ?? escaped ?? all),
  )
}

/** @returns the only statement of the text; one `;` may end it */
export function oneStatement(tokens: Token[]): Token[] {
  const statements = splitStatements(tokens)
  if (statements.length > 1) {
    throw new SnowflakeFailure(
      '000008',
      `Actual statement count ${statements.length} did not match the desired statement count 1.`,
      '0A000',
    )
  }
  const [only] = statements
  if (!only) throw new SnowflakeFailure('000900', 'SQL compilation error:\nEmpty SQL statement.')
  return only
}

export function splitStatements(tokens: Token[]): Token[][] {
  const statements: Token[][] = [[]]
  for (const token of tokens) {
    if (token.kind === 'operator' && token.text === ';') statements.push([])
    else statements.at(-1)?.push(token)
  }
  return statements.filter((statement) => statement.length > 0)
}

/** Walks over the tokens of one statement. */
export class Cursor {
  readonly tokens: Token[]
  at = 0

  constructor(tokens: Token[]) {
    this.tokens = tokens
  }

  get done(): boolean {
    return this.at >= this.tokens.length
  }

  peek(ahead = 0): Token | undefined {
    return this.tokens[this.at + ahead]
  }

  next(): Token {
    const token = this.tokens[this.at]
    if (!token) throw syntaxError('unexpected end of input.')
    this.at += 1
    return token
  }

  /** Whether these words or operators come next. */
  sees(...texts: string[]): boolean {
    return texts.every((text, ahead) => is(this.peek(ahead), text))
  }

  /** Takes these words or operators when they come next. */
  takes(...texts: string[]): boolean {
    if (!this.sees(...texts)) return false
    this.at += texts.length
    return true
  }

  expect(...texts: string[]): void {
    if (!this.takes(...texts)) throw unexpected(this.peek(), texts.join(' '))
  }

  end(): void {
    if (!this.done) throw unexpected(this.peek(), 'the end')
  }

  /** A name as Snowflake stores it: upper case unless it was quoted. */
  name(): string {
    const token = this.next()
    if (token.kind === 'quoted') return token.text
    if (token.kind === 'word') return token.text.toUpperCase()
    throw unexpected(token, 'a name')
  }

  /** A qualified name as its parts. */
  names(): string[] {
    const names = [this.name()]
    while (this.takes('.')) names.push(this.name())
    return names
  }

  text(): string {
    const token = this.next()
    if (token.kind !== 'string') throw unexpected(token, 'a text')
    return token.text
  }

  /** The tokens up to the `)` that closes a `(` already taken; also takes the `)`. */
  group(): Token[] {
    const start = this.at
    for (let depth = 1; depth > 0; ) {
      const token = this.next()
      if (is(token, '(')) depth += 1
      if (is(token, ')')) depth -= 1
    }
    return this.tokens.slice(start, this.at - 1)
  }

  /** The tokens up to this word or operator; also takes it. */
  until(text: string): Token[] {
    const start = this.at
    while (!this.sees(text)) this.next()
    this.at += 1
    return this.tokens.slice(start, this.at - 1)
  }

  rest(): Token[] {
    const rest = this.tokens.slice(this.at)
    this.at = this.tokens.length
    return rest
  }
}

/** Whether a token is this word or operator. */
export function is(token: Token | undefined, text: string): boolean {
  if (token?.kind === 'operator') return token.text === text
  return token?.kind === 'word' && token.text.toUpperCase() === text
}

/** Splits tokens at the commas outside parentheses. */
export function splitCommas(tokens: Token[]): Token[][] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (is(token, '(')) depth += 1
    if (is(token, ')')) depth -= 1
    if (depth === 0 && is(token, ',')) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts.length === 1 && parts[0]?.length === 0 ? [] : parts
}

export function unexpected(token: Token | undefined, expected: string): SnowflakeFailure {
  return syntaxError(
    token ? `unexpected '${token.text}', expected ${expected}.` : `unexpected end, expected ${expected}.`,
  )
}
