/** Text from files and variables written by people and other systems. */

/** Why a text can't be read, as the end of a sentence that begins with its name. Never contains the text. */
export class TextProblem extends Error {}

const BYTE_ORDER_MARK = '\uFEFF'

/**
 * Decodes a text file as editors write it: UTF-8 with or without a byte order mark, or UTF-16 with one, as Windows
 * PowerShell writes it.
 *
 * @throws TextProblem when it is something else
 */
export function decodeText(bytes: Uint8Array): string {
  const encoding = ENCODINGS.find(({ mark }) => mark.every((byte, place) => bytes[place] === byte))?.name ?? 'utf-8'
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
    if (!text.includes('\0')) return text
  } catch {
    // Not this encoding.
  }
  throw new TextProblem('is not UTF-8 text. Save it as UTF-8')
}

const ENCODINGS = [
  { name: 'utf-16le', mark: [0xff, 0xfe] },
  { name: 'utf-16be', mark: [0xfe, 0xff] },
]

/** Trims spaces, line ends and byte order marks. */
export function trimText(text: string): string {
  return text.replaceAll(BYTE_ORDER_MARK, '').trim()
}

const TYPOGRAPHIC_QUOTE = /^[\u2018-\u201F\u00AB\u00BB]|[\u2018-\u201F\u00AB\u00BB]$/
/** Control characters, and zero-width characters that get copied from web pages. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const INVISIBLE = /[\u0000-\u001F\u007F-\u00A0\u00AD\u200B-\u200F\u2028-\u202F\u2060-\u2064\uFEFF]/

/** @returns what is wrong with the value of a setting, as the end of a sentence; undefined if nothing is */
export function valueProblem(value: string): string | undefined {
  if (/[\r\n]/.test(value)) return 'has several lines. Put it on one line'
  const quote = TYPOGRAPHIC_QUOTE.exec(value)?.[0]
  if (quote) return `has a typographic quote (${quote}) around it. Use " or no quotes`
  const hidden = INVISIBLE.exec(value)?.[0]
  if (hidden === undefined) return undefined
  const code = hidden.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')
  return `contains the invisible character U+${code}, probably from copying. Type it again`
}
