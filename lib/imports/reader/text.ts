import { isUtf8 } from 'node:buffer'

/** Texts of uploaded files as UTF-8. */

/** How much of a file says what it is. */
export const HEAD_BYTES = 65_536

const UTF8_MARK = Buffer.from('efbbbf', 'hex')
const UTF16_LITTLE = Buffer.from('fffe', 'hex')
const UTF16_BIG = Buffer.from('feff', 'hex')

const startsWith = (bytes: Buffer, mark: Buffer) => bytes.subarray(0, mark.length).equals(mark)

/**
 * The text without its byte order mark, or null if it is neither UTF-8 nor UTF-16 with a mark. Bytes that are no UTF-8
 * stay: they become U+FFFD when they are read.
 */
export function toUtf8(bytes: Buffer): Buffer | null {
  if (startsWith(bytes, UTF8_MARK)) return bytes.subarray(UTF8_MARK.length)
  if (startsWith(bytes, UTF16_LITTLE) || startsWith(bytes, UTF16_BIG)) {
    const encoding = startsWith(bytes, UTF16_LITTLE) ? 'utf-16le' : 'utf-16be'
    return Buffer.from(new TextDecoder(encoding).decode(bytes))
  }
  // No JSON or CSV begins with NUL: this is UTF-16 or UTF-32 without a mark, or no text.
  return bytes[0] === 0 || bytes[1] === 0 ? null : bytes
}

/**
 * Whether a text is UTF-8 throughout. CSV from spreadsheets often is Latin-1, which would lose every accent.
 * @param isWhole false: it may end within a character
 */
export function isUtf8Text(bytes: Buffer, isWhole = true): boolean {
  return isUtf8(bytes) || (!isWhole && [1, 2, 3].some((cut) => isUtf8(bytes.subarray(0, -cut))))
}

/** Drops spaces and line breaks in front. */
export function withoutSpace(bytes: Buffer): Buffer {
  let at = 0
  while (at < bytes.length && (bytes[at] as number) <= 0x20) at++
  return bytes.subarray(at)
}
