/**
 * For DuckDB "a" and "A" are the same name, for Snowflake they are not. So each lower-case letter gets an escape
 * character, and names in upper case stay unchanged. Databases get a prefix, because DuckDB has databases of its own.
 */
function encodeCase(name: string): string {
  return name.replaceAll(/['\p{Ll}]/gu, (letter) => `'${letter}`)
}

export function decodeCase(name: string): string {
  return name.replaceAll(/'(.)/gu, '$1')
}

/** A name as DuckDB SQL. */
export function duckName(name: string): string {
  return `"${encodeCase(name).replaceAll('"', '""')}"`
}

export function duckDatabase(name: string): string {
  return `"db ${encodeCase(name).replaceAll('"', '""')}"`
}

export function duckPath([database = '', schema = '', name = '']: string[]): string {
  return `${duckDatabase(database)}.${duckName(schema)}.${duckName(name)}`
}

export function duckText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** The name as Snowflake shows it in messages. */
export function displayName(path: string[]): string {
  return path.map((part) => (/^[A-Z_][A-Z0-9_$]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`)).join('.')
}
