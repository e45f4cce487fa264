/** A name as Snowflake holds it, or what is wrong with the text. */
export type Identifier = { ok: true; name: string } | { ok: false; problem: string }

const UNQUOTED = /^[A-Za-z_][A-Za-z0-9_$]*$/
const LONGEST = 255

/**
 * What a typed name means to Snowflake: without quotes it is folded to upper case, in double quotes it is exact.
 * @returns the name without quotes
 */
export function identifierOf(text: string): Identifier {
  const typed = text.trim()
  if (typed === '') return { ok: false, problem: 'Type a name.' }
  if (/\p{Cc}/u.test(typed)) return { ok: false, problem: 'A name holds no control characters.' }
  if (UNQUOTED.test(typed)) return fitting(typed.toUpperCase())
  const quoted = /^"((?:[^"]|"")+)"$/.exec(typed)?.[1]
  if (quoted !== undefined) return fitting(quoted.replaceAll('""', '"'))
  return {
    ok: false,
    problem:
      'A name holds letters, digits, _ and $ and starts with no digit. If yours is different, put it in "quotes".',
  }
}

/** The text that means exactly this name: with quotes only where it needs them. */
export function identifierText(name: string): string {
  return UNQUOTED.test(name) && name === name.toUpperCase() ? name : `"${name.replaceAll('"', '""')}"`
}

function fitting(name: string): Identifier {
  return name.length > LONGEST
    ? { ok: false, problem: `A name has at most ${LONGEST} characters.` }
    : { ok: true, name }
}
