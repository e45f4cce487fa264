import { unsupported } from './failure.ts'
import { type Cursor, is } from './tokens.ts'

/** A type of Snowflake that this server supports. */
export interface KnownType {
  /** Its name in Snowflake's catalog. */
  catalogType: string
  /** The type of a column. */
  duck: string
  /** The type of a cast, if it is another one: DuckDB adds only an INTEGER to a date. */
  computed?: string
}

const FIXED_TYPES: Record<string, KnownType> = {
  VARCHAR: { catalogType: 'TEXT', duck: 'VARCHAR' },
  STRING: { catalogType: 'TEXT', duck: 'VARCHAR' },
  TEXT: { catalogType: 'TEXT', duck: 'VARCHAR' },
  INTEGER: { catalogType: 'NUMBER', duck: 'DECIMAL(38,0)', computed: 'INTEGER' },
  INT: { catalogType: 'NUMBER', duck: 'DECIMAL(38,0)', computed: 'INTEGER' },
  BIGINT: { catalogType: 'NUMBER', duck: 'DECIMAL(38,0)', computed: 'BIGINT' },
  SMALLINT: { catalogType: 'NUMBER', duck: 'DECIMAL(38,0)', computed: 'INTEGER' },
  TINYINT: { catalogType: 'NUMBER', duck: 'DECIMAL(38,0)', computed: 'INTEGER' },
  DOUBLE: { catalogType: 'FLOAT', duck: 'DOUBLE' },
  FLOAT: { catalogType: 'FLOAT', duck: 'DOUBLE' },
  BOOLEAN: { catalogType: 'BOOLEAN', duck: 'BOOLEAN' },
  TIMESTAMP: { catalogType: 'TIMESTAMP_NTZ', duck: 'TIMESTAMP' },
  TIMESTAMP_NTZ: { catalogType: 'TIMESTAMP_NTZ', duck: 'TIMESTAMP' },
  TIMESTAMP_LTZ: { catalogType: 'TIMESTAMP_LTZ', duck: 'TIMESTAMPTZ' },
  DATE: { catalogType: 'DATE', duck: 'DATE' },
  VARIANT: { catalogType: 'VARIANT', duck: 'JSON' },
}

/** Reads a type at the cursor. */
export function takeType(cursor: Cursor): KnownType {
  const name = cursor.name()
  const sizes = cursor.takes('(') ? sizesOf(cursor) : []
  if (name === 'NUMBER' || name === 'DECIMAL' || name === 'NUMERIC') {
    const [precision = '38', scale = '0'] = sizes
    return { catalogType: 'NUMBER', duck: `DECIMAL(${precision},${scale})` }
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
