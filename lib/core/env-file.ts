import { decodeText, TextProblem, trimText, valueProblem } from './text-file.ts'

/** Files with settings (.env), as editors and other systems write them. */

const ASSIGNMENT = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(.*)$/

/** Lines in another program's syntax. */
const FOREIGN = [
  { form: /^setx?\s/i, name: 'a line for cmd.exe' },
  { form: /^\$env:/i, name: 'a line for PowerShell' },
  { form: /^[\w.]+\s*:(\s|$)/, name: 'YAML' },
  { form: /^[{}"]/, name: 'JSON' },
]

/**
 * The values in a file of lines `NAME=value`. Accepts comments, `export`, spaces around `=`, quotes, all line ends, and
 * Windows encodings. A `#` starts a comment only after a space, because passwords may contain it. Nothing in a value is
 * expanded.
 *
 * @param name of the file, for messages
 * @throws TextProblem with the line and what to write instead, but never the value
 */
export function parseEnvFile(bytes: Uint8Array, name: string): Record<string, string> {
  const found = new Map<string, { value: string; line: number }>()
  const lines = decode(bytes, name).split(/\r\n|\n|\r/)
  for (const [index, text] of lines.entries()) {
    const line = trimText(text)
    if (line === '' || line.startsWith('#')) continue
    const [variable, value] = assignmentOf(line, `${name}, line ${index + 1}:`)
    const earlier = found.get(variable)
    if (earlier?.value && value && earlier.value !== value) {
      throw new TextProblem(
        `${name}: ${variable} is set to different values on lines ${earlier.line} and ${index + 1}. Remove one.`,
      )
    }
    if (value || !earlier) found.set(variable, { value, line: index + 1 })
  }
  return Object.fromEntries([...found].map(([variable, { value }]) => [variable, value]))
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return decodeText(bytes)
  } catch (error) {
    throw error instanceof TextProblem ? new TextProblem(`${name} ${error.message}.`) : error
  }
}

/** @param where the line is, the beginning of messages */
function assignmentOf(line: string, where: string): [name: string, value: string] {
  const [, name, rest] = ASSIGNMENT.exec(line) ?? []
  if (name === undefined || rest === undefined) {
    const foreign = FOREIGN.find(({ form }) => form.test(line))
    throw new TextProblem(`${where} this is ${foreign?.name ?? 'not a setting'}. Write NAME=value.`)
  }
  const value = unquote(rest, `${where} the value of ${name}`)
  const problem = valueProblem(value)
  if (problem) throw new TextProblem(`${where} the value of ${name} ${problem}.`)
  return [name, value]
}

function unquote(text: string, what: string): string {
  const quote = /^["'`]/.exec(text)?.[0]
  if (!quote) return trimText(text.replace(/(^|\s)#.*$/, ''))
  const end = text.indexOf(quote, 1)
  if (end < 0)
    throw new TextProblem(`${what} starts with ${quote} but has no closing ${quote}. Add it on the same line.`)
  const rest = text.slice(end + 1).trim()
  if (rest !== '' && !rest.startsWith('#')) {
    throw new TextProblem(`${what} continues after the closing ${quote}. Use another kind of quotes around all of it.`)
  }
  return text.slice(1, end)
}
