import { describe, expect, test } from 'vitest'
import {
  dropScript,
  dropTablesScript,
  readerOf,
  retireScript,
  rotateScript,
  schemasScript,
  setupScript,
} from './script.ts'

const names = { user: 'TRACKLAKE', role: 'TRACKLAKE_ROLE', warehouse: 'TRACKLAKE_WH', database: 'MUSIC', schema: 'RAW' }
const whole = {
  ...names,
  instanceId: 'i-1',
  publicKey: 'AAAA+/==',
  readerRole: readerOf(names.role),
  monthlyCredits: 3,
}

/** Splits like a worksheet: at semicolons outside strings, names and comments. */
function statementsOf(script: string): string[] {
  const parts =
    script.match(/(?:\$\$[\s\S]*?\$\$|'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"]|"")*"|--[^\n]*|[^;'"-]|-(?!-))+/g) ?? []
  return parts.map((part) => part.replaceAll(/--[^\n]*/g, '').trim()).filter(Boolean)
}

const scripts: [string, (of: typeof whole) => string][] = [
  ['setup', setupScript],
  ['schemas', (of) => schemasScript(of, of.instanceId)],
  ['rotate', ({ user, publicKey }) => rotateScript({ user, slot: 2, publicKey })],
  ['retire', ({ user }) => retireScript({ user, slot: 1 })],
  ['drop tables', (of) => dropTablesScript(of, [of.user])],
  ['drop everything', (of) => dropScript(of, of.instanceId)],
]

describe.each(scripts)('the script %s', (_, script) => {
  test('consists of statements that each run alone', () => {
    for (const statement of statementsOf(script(whole)))
      expect(statement).toMatch(/^(USE|CREATE|GRANT|ALTER|DESC|DROP|SELECT|EXECUTE)\b/)
  })

  test('keeps every name inside its quotes', () => {
    const evil = `x"; DROP DATABASE "Y"; --\n'; DROP USER Z; $$ \\' \\`
    const bad = {
      ...whole,
      user: evil,
      role: evil,
      warehouse: evil,
      database: evil,
      schema: evil,
      publicKey: `A'; DROP USER "B"; --`,
      readerRole: evil,
    }
    const kinds = (text: string) => statementsOf(text).map((statement) => statement.split(/\s/, 1)[0])
    expect(kinds(script(bad))).toEqual(kinds(script(whole)))
  })
})

test('the setup grants no more than necessary and costs as little as possible', () => {
  const text = setupScript(whole)
  expect(text).toMatch(/WAREHOUSE_SIZE = XSMALL GENERATION = '1' AUTO_SUSPEND = 60/)
  expect(text).toContain('TYPE = SERVICE')
  expect(text).toContain("RSA_PUBLIC_KEY = 'AAAA+/=='")
  expect(text).toContain('CREDIT_QUOTA = 3')
  expect(text).not.toMatch(/OWNERSHIP|ALL PRIVILEGES|PASSWORD|ACCOUNTADMIN" TO|CREATE SCHEMA ON/)
  for (const schema of ['RAW', 'RAW_STAGING', 'RAW_ANALYTICAL', 'RAW_REPORTING'])
    expect(text).toContain(`CREATE SCHEMA IF NOT EXISTS "MUSIC"."${schema}"`)
  expect(statementsOf(text).at(-1)).toContain(`CURRENT_ORGANIZATION_NAME() || '-' || CURRENT_ACCOUNT_NAME()`)
})

test('the reader role can select from present and future tables, and nothing else', () => {
  const grants = statementsOf(setupScript(whole)).filter((statement) =>
    statement.includes(`TO ROLE "${whole.readerRole}"`),
  )
  expect(grants.filter((statement) => !/^GRANT (USAGE|SELECT) ON/.test(statement))).toEqual([])
  expect(grants).toContain('GRANT SELECT ON FUTURE TABLES IN SCHEMA "MUSIC"."RAW" TO ROLE "TRACKLAKE_ROLE_READER"')
})

test('creates reader role and monitor only if requested', () => {
  const { readerRole: _, monthlyCredits: __, ...plain } = whole
  expect(setupScript(plain)).not.toMatch(/(CREATE|GRANT) .*(READER|MONITOR)/)
})

test('registers a new key beside the one in use', () => {
  expect(rotateScript({ user: 'U', slot: 2, publicKey: 'BBBB' })).toContain(
    `ALTER USER "U" SET RSA_PUBLIC_KEY_2 = 'BBBB'`,
  )
  expect(rotateScript({ user: 'U', slot: 1, publicKey: 'BBBB' })).toContain(
    `ALTER USER "U" SET RSA_PUBLIC_KEY = 'BBBB'`,
  )
  expect(retireScript({ user: 'U', slot: 1 })).toContain('ALTER USER "U" UNSET RSA_PUBLIC_KEY;')
})

test('dropping the tables drops only those of Tracklake, dropping everything keeps the database', () => {
  const tables = dropTablesScript(names, ['USER_TOP_TRACKS_ST_STREAM'])
  expect(tables).toContain("IN ('USER_TOP_TRACKS_ST_STREAM', 'TRACKLAKE_LOADS', ")
  expect(tables.indexOf('TRACKLAKE_OWNER')).toBeGreaterThan(tables.indexOf('TRACKLAKE_LOADS'))
  expect(statementsOf(dropScript(names, 'i-1')).join()).not.toContain('DROP DATABASE')
})
