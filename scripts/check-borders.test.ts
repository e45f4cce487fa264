import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Border, checkBorders, importsOf, opensWarehouses } from './check-borders.ts'

let project: string

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'tracklake-borders-'))
})

afterEach(() => rmSync(project, { recursive: true, force: true }))

function write(file: string, source: string): void {
  const path = join(project, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, source)
}

function check(...rules: Border[]) {
  return checkBorders(project, join(project, '.cache'), rules)
}

const libStaysAlone: Border = {
  rule: {
    name: 'lib-stays-alone',
    comment: 'lib is called by pages.',
    severity: 'error',
    from: { path: '^lib/' },
    to: { path: '^app/' },
  },
  example: { file: 'lib/planted.ts', imports: 'app/sample.tsx' },
}

test('finds every kind of import', () => {
  const source = `
    import { one } from 'one'
    import type { Two } from './two.ts'
    import './three.css'
    export { four } from './four.ts'
    export * from './five.ts'
    const six = () => import('./six.tsx')
    type Seven = import('./seven.ts').Seven
    export const View = () => <p>import nothing from './here.ts'</p>
  `
  expect(importsOf(source, 'view.tsx').sort()).toEqual(
    ['one', './two.ts', './three.css', './four.ts', './five.ts', './six.tsx', './seven.ts'].sort(),
  )
})

test('a syntax error stops the check', () => {
  expect(() => importsOf('import {', 'broken.ts')).toThrow()
})

test('a project that keeps its borders has nothing to report', async () => {
  write('lib/one.ts', 'export const one = 1')
  write('app/sample.tsx', "import { one } from '../lib/one.ts'\nexport const Page = () => <b>{one}</b>")
  expect(await check(libStaysAlone)).toEqual({ files: 2, crossings: [], unguarded: [] })
})

test('a crossing names both files and the reason', async () => {
  write('lib/one.ts', "import type { Page } from '../app/sample.tsx'\nexport type One = typeof Page")
  write('app/sample.tsx', 'export const Page = () => <b />')
  const { crossings } = await check(libStaysAlone)
  expect(crossings).toEqual(['lib/one.ts → app/sample.tsx\n  lib-stays-alone: lib is called by pages.'])
})

test('a cycle is reported with all its files', async () => {
  const noCircle: Border = {
    rule: { name: 'no-circle', comment: 'One file.', severity: 'error', from: {}, to: { circular: true } },
    example: { file: 'lib/planted.ts', imports: 'lib/planted.ts' },
  }
  write('lib/one.ts', "import './two.ts'")
  write('lib/two.ts', "import './one.ts'")
  const { crossings, unguarded } = await check(noCircle)
  expect(crossings[0]).toContain('lib/one.ts → lib/two.ts → lib/one.ts')
  expect(unguarded).toEqual([])
})

test('reports a rule that guards nothing', async () => {
  write('app/sample.tsx', 'export const Page = () => <b />')
  const blind: Border = {
    rule: { ...libStaysAlone.rule, name: 'blind', from: { path: '^library/' } },
    example: libStaysAlone.example,
  }
  expect(await check(libStaysAlone, blind)).toMatchObject({ crossings: [], unguarded: ['blind'] })
})

test('only one file that knows warehouse files may open files', () => {
  const open = (source: string, file = 'lib/accounts/planted.ts') =>
    opensWarehouses(file, `import { duckdbFile } from '#lib/storage/places.ts'\n${source}`)
  expect(open("import { readFile as read, stat } from 'node:fs/promises'")).toEqual(['readFile'])
  expect(open("import { copyFileSync, createReadStream } from 'fs'")).toEqual(['copyFileSync', 'createReadStream'])
  expect(open("import * as fs from 'node:fs'")).toEqual(['everything'])
  expect(open("const read = async () => (await import('node:fs')).readFileSync('x')")).toEqual(['import()'])
  expect(open("import { existsSync, rmSync } from 'node:fs'\nimport { rename } from 'node:fs/promises'")).toEqual([])
  expect(opensWarehouses('lib/warehouse/duckdb/any.ts', "import { open } from 'node:fs/promises'")).toEqual(['open'])
  expect(opensWarehouses('lib/imports/any.ts', "import { open } from 'node:fs/promises'")).toEqual([])
  expect(opensWarehouses('app/any.ts', "import { cp } from 'node:fs/promises'\ncp('a', 'b.duckdb')")).toEqual(['cp'])
  // The doctor is a process of its own.
  expect(open("import { copyFileSync } from 'node:fs'", 'scripts/doctor/warehouses.ts')).toEqual([])
})
