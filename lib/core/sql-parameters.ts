/** What can hide a $ that is no parameter: texts, quoted names, comments, dollar-quoted texts. */
const HIDDEN =
  /[eE]'(?:[^'\\]|\\.|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\1\$|$)/y
const PARAMETER = /\$([\p{L}_][\p{L}\p{M}\p{N}_]*)/uy
/** A $ inside of a name belongs to it. */
const WORD = /[\p{L}_][\p{L}\p{M}\p{N}_$]*/uy

/** The names of the parameters ($name) of a query in DuckDB's SQL, in their order. DuckDB doesn't distinguish upper from lower case. */
export function parametersOf(sql: string): string[] {
  const names = new Map<string, string>()
  const matchAt = (pattern: RegExp, at: number) => {
    pattern.lastIndex = at
    return pattern.exec(sql)
  }
  for (let at = 0; at < sql.length; ) {
    const parameter = matchAt(PARAMETER, at)
    const hidden = matchAt(HIDDEN, at)
    const found = hidden ?? parameter ?? matchAt(WORD, at)
    const name = hidden ? undefined : parameter?.[1]
    if (name && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), name)
    at += found?.[0].length || 1
  }
  return [...names.values()]
}
