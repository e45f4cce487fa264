import { unsupported } from './failure.ts'
import { type Cursor, is } from './tokens.ts'

/** A type of Snowflake that this server supports. */
export interface KnownType {
  /** Its name in INFORMATION_SCHEMA.COLUMNS. */
  held: string
  duck: string
}

const FIXED_TYPES: Record<string, KnownType> = {
  VARCHAR: { held: 'TEXT', duck: 'VARCHAR' },
  STRING: { held: 'TEXT', duck: 'VARCHAR' },
  TEXT: { held: 'TEXT', duck: 'VARCHAR' },
  INTEGER: { held: 'NUMBER', duck: 'DECIMAL(38,0)' },
  INT: { held: 'NUMBER', duck: 'DECIMAL(38,0)' },
  BIGINT: { held: 'NUMBER', duck: 'DECIMAL(38,0)' },
  DOUBLE: { held: 'FLOAT', duck: 'DOUBLE' },
  FLOAT: { held: 'FLOAT', duck: 'DOUBLE' },
  BOOLEAN: { held: 'BOOLEAN', duck: 'BOOLEAN' },
  TIMESTAMP: { held: 'TIMESTAMP_NTZ', duck: 'TIMESTAMP' },
  TIMESTAMP_NTZ: { held: 'TIMESTAMP_NTZ', duck: 'TIMESTAMP' },
  DATE: { held: 'DATE', duck: 'DATE' },
  VARIANT: { held: 'VARIANT', duck: 'JSON' },
}

/** Reads a type at the cursor. */
export function takeType(cursor: Cursor): KnownType {
  const name = cursor.name()
  const sizes = cursor.takes('(') ? sizesOf(cursor) : []
  if (name === 'NUMBER' || name === 'DECIMAL' || name === 'NUMERIC') {
    const [precision = '38', scale = '0'] = sizes
    return { held: 'NUMBER', duck: `DECIMAL(${precision},${scale})` }
  }
  const known = Object.hasOwn(FIXED_TYPES, name) ? FIXED_TYPES[name] : undefined
  if (!known) throw unsupported(`the type ${name}`)
  return known
}

function sizesOf(cursor: Cursor): string[] {
  const group = cursor.group()
  for (const token of group)
    if (token.kind !== 'number' && !is(token, ',')) throw unsupported(`the size ${token.text} of a type`)
  return group.filter(({ kind }) => kind === 'number').map(({ text }) => text)
}
