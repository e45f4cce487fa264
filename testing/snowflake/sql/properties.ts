import { unsupported } from './failure.ts'
import { type Cursor, is, splitCommas } from './tokens.ts'

/** Reads `NAME = value` pairs up to the end. @throws SnowflakeFailure for an unknown name */
export function takeProperties(cursor: Cursor, known: string[]): Map<string, string> {
  const properties = new Map<string, string>()
  cursor.takes('WITH')
  while (!cursor.done) {
    if (cursor.takes('TRIGGERS')) {
      properties.set(
        'TRIGGERS',
        cursor
          .rest()
          .map(({ text }) => text)
          .join(' '),
      )
      continue
    }
    const name = cursor.name()
    if (!known.includes(name)) throw unsupported(`the property ${name}`)
    cursor.expect('=')
    properties.set(name, value(cursor))
    cursor.takes(',')
  }
  return properties
}

function value(cursor: Cursor): string {
  const token = cursor.next()
  if (is(token, '('))
    return cursor
      .group()
      .map(({ text }) => text)
      .join('')
  if (token.kind === 'word') {
    const parts = [token.text.toUpperCase()]
    while (cursor.takes('.')) parts.push(cursor.name())
    return parts.join('.')
  }
  if (token.kind === 'quoted') {
    const parts = [token.text]
    while (cursor.takes('.')) parts.push(cursor.name())
    return parts.join('.')
  }
  if (token.kind === 'string' || token.kind === 'number') return token.text
  throw unsupported(`the value ${token.text}`)
}

/** Reads privileges separated by commas, up to ON: `CREATE TABLE, USAGE`. */
export function takePrivileges(cursor: Cursor): string[] {
  const start = cursor.at
  while (!cursor.sees('ON')) cursor.next()
  return splitCommas(cursor.tokens.slice(start, cursor.at)).map((tokens) =>
    tokens.map(({ text }) => text.toUpperCase()).join(' '),
  )
}
