/**
 * Pieces of a block of Snowflake Scripting (https://docs.snowflake.com/en/developer-guide/snowflake-scripting/blocks). SHOW
 * fills a RESULTSET, which needs no virtual warehouse.
 */

/** A text literal. */
export function text(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** Runs one statement, as text because a block doesn't accept every statement directly. */
export function run(sql: string): string {
  return `EXECUTE IMMEDIATE ${text(sql)};`
}

/** Appends to a list of names that the block returns. */
export function note(list: 'dropped' | 'kept', what: string): string {
  return `${list} := ${list} || ${text(`${what}; `)};`
}

/** `IF` with statements for both cases. Neither THEN nor ELSE may be empty. */
export function when(condition: string, yes: string[], no: string[] = []): string {
  // A condition about a missing comment is null, which is not true.
  if (yes.length === 0) return when(`NOT COALESCE(${condition}, FALSE)`, no)
  return [`IF (${condition}) THEN`, ...indent(yes), ...(no.length > 0 ? ['ELSE', ...indent(no)] : []), 'END IF;'].join(
    '\n',
  )
}

/** Runs statements for each row of a SHOW. @param row also names the RESULTSET, so it must be unique in the block */
export function forEach(row: string, show: string, statements: string[]): string {
  return [`LET ${row}s RESULTSET := (${show});`, `FOR ${row} IN ${row}s DO`, ...indent(statements), 'END FOR;'].join(
    '\n',
  )
}

/** A condition: a row of SHOW has exactly this name. */
export function isNamed(row: string, name: string): string {
  return `${row}."name" = ${text(name)}`
}

/** A condition: the object of a row has one of these comments. */
export function hasComment(row: string, comments: string[]): string {
  return comments.map((comment) => `${row}."comment" = ${text(comment)}`).join(' OR ')
}

/** A SHOW … LIKE pattern that matches exactly this name, ignoring case. */
export function pattern(name: string): string {
  return text(name.replaceAll(/[\\%_]/g, String.raw`\$&`))
}

/**
 * The whole block as one statement.
 * @param variables with their types and defaults
 * @param result the columns of the row that it returns; they may use variables as `:name`
 */
export function block(variables: string[], statements: string[], result: string): string {
  const body = [
    'DECLARE',
    ...indent(variables.map((variable) => `${variable};`)),
    'BEGIN',
    ...indent([...statements, `LET answer RESULTSET := (SELECT ${result});`, 'RETURN TABLE(answer);']),
    'END;',
  ].join('\n')
  // Dollar signs are easier to read, unless a name contains them.
  return body.includes('$$') ? `EXECUTE IMMEDIATE ${text(body)}` : `EXECUTE IMMEDIATE $$\n${body}\n$$`
}

function indent(statements: string[]): string[] {
  return statements.flatMap((statement) => statement.split('\n')).map((line) => `  ${line}`)
}
