import { expect, test } from 'vitest'
import { parseEnvFile } from './env-file.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)
const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])
const utf16be = (text: string) => Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(text, 'utf16le').swap16()])
const parse = (bytes: Uint8Array) => parseEnvFile(bytes, '.env')

const LINES = 'PORT=3000\nAPP_URL=https://music.example'
const READ = { PORT: '3000', APP_URL: 'https://music.example' }

test.for([
  ['UTF-8', utf8(LINES)],
  ['UTF-8 with a byte order mark', utf8(`\uFEFF${LINES}`)],
  ['UTF-16, as PowerShell writes it', utf16(LINES)],
  ['UTF-16 with the other byte order', utf16be(LINES)],
  ['the line ends of Windows', utf8(LINES.replaceAll('\n', '\r\n'))],
  ['the line ends of old Macs', utf8(LINES.replaceAll('\n', '\r'))],
  ['export', utf8(LINES.replaceAll(/^/gm, 'export '))],
  ['spaces around the sign', utf8(LINES.replaceAll('=', ' = '))],
  ['non-breaking spaces around the value', utf8(LINES.replaceAll('=', '=\u00A0'))],
  ['double quotes', utf8(LINES.replaceAll(/=(.*)$/gm, '="$1"'))],
  ['single quotes and comments', utf8(`# settings\n${LINES.replaceAll(/=(.*)$/gm, "='$1' # as usual")}\n`)],
  ['comments without quotes', utf8(LINES.replaceAll(/$/gm, ' # as usual'))],
  ['the same value twice', utf8(`${LINES}\nPORT=3000\nPORT=`)],
] as const)('reads a file with %s', ([, bytes]) => {
  expect(parse(bytes)).toEqual(READ)
})

test('a # without a space before it, a $ and a backslash belong to the value', () => {
  expect(parse(utf8('A=pa#ss$HOME\nB="C:\\new\\"'))).toEqual({ A: 'pa#ss$HOME', B: 'C:\\new\\' })
})

test.for([
  [
    'typographic quotes',
    utf8('PORT=3000\nADMINS=“ada”'),
    '.env, line 2: the value of ADMINS has a typographic quote (“) around it.',
  ],
  [
    'a non-breaking space inside',
    utf8('ADMINS=ada\u00A0b'),
    '.env, line 1: the value of ADMINS contains the invisible character U+00A0',
  ],
  ['a character without width', utf8('ADMINS=a\u200Bda'), 'contains the invisible character U+200B'],
  ['NUL', utf8('ADMINS=a\0b'), '.env is not UTF-8 text. Save it as UTF-8.'],
  ['another encoding', new Uint8Array([65, 61, 0xe9, 10]), '.env is not UTF-8 text. Save it as UTF-8.'],
  ['UTF-16 without a mark', Buffer.from(LINES, 'utf16le'), '.env is not UTF-8 text. Save it as UTF-8.'],
  [
    'two different values',
    utf8('PORT=1\n\nPORT=2'),
    '.env: PORT is set to different values on lines 1 and 3. Remove one.',
  ],
  ['an open quote', utf8('ADMINS="ada'), `.env, line 1: the value of ADMINS starts with " but has no closing ".`],
  ['text after a quote', utf8(`ADMINS="a"b`), '.env, line 1: the value of ADMINS continues after the closing ".'],
  ['lines for cmd.exe', utf8('set PORT=3000'), '.env, line 1: this is a line for cmd.exe. Write NAME=value.'],
  [
    'lines for PowerShell',
    utf8('$env:PORT = "3000"'),
    '.env, line 1: this is a line for PowerShell. Write NAME=value.',
  ],
  ['YAML', utf8('PORT: 3000'), '.env, line 1: this is YAML. Write NAME=value.'],
  ['JSON', utf8('{\n"PORT": 3000 }'), '.env, line 1: this is JSON. Write NAME=value.'],
  ['something else', utf8('hello'), '.env, line 1: this is not a setting. Write NAME=value.'],
] as const)('refuses a file with %s, with the line and the fix', ([, bytes, message]) => {
  expect(() => parse(bytes)).toThrow(message)
})

test('messages never repeat a value', () => {
  for (const line of [
    'SMTP_URL=“secret”',
    'SMTP_URL="secret',
    'SMTP_URL=secret\nSMTP_URL=secret2',
    'SMTP_URL: secret',
  ]) {
    expect(() => parse(utf8(line))).not.toThrow('secret')
    expect(() => parse(utf8(line))).toThrow()
  }
})
