/**
 * DuckDB takes "a" and "A" for one name, Snowflake for two. So a name keeps each small letter behind a mark, and what is
 * all capitals stays as it is. Databases carry a prefix, because DuckDB has some of its own.
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

/** As messages of Snowflake show it. */
export function displayName(path: string[]): string {
  return path.map((part) => (/^[A-Z_][A-Z0-9_$]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`)).join('.')
}
