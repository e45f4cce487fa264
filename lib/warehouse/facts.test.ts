import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EMBEDDED_KIND, EXTERNAL_KINDS, SERVING_KINDS, WAREHOUSE_KINDS, warehouseFacts } from './facts.ts'

const ROOT = join(import.meta.dirname, '../..')
const COMPARISON = new RegExp(`[=!]==? '(${WAREHOUSE_KINDS.join('|')})'|'(${WAREHOUSE_KINDS.join('|')})' [=!]==?`)

test('embedded and external kinds agree with the facts', () => {
  expect(warehouseFacts[EMBEDDED_KIND].embedded).toBe(true)
  expect(EXTERNAL_KINDS.map((kind) => warehouseFacts[kind].embedded)).not.toContain(true)
  expect([EMBEDDED_KIND, ...EXTERNAL_KINDS].toSorted()).toEqual(WAREHOUSE_KINDS.toSorted())
})

test('pages query an embedded kind with SERVE_FROM=embedded and an external one with SERVE_FROM=connected', () => {
  expect(warehouseFacts[SERVING_KINDS.embedded].embedded).toBe(true)
  expect(warehouseFacts[SERVING_KINDS.connected].embedded).toBe(false)
})

test('no code outside lib/warehouse compares with the name of a kind', () => {
  const files = globSync('{app,inngest,lib}/**/*.{ts,tsx}', { cwd: ROOT }).filter(
    (file) => !file.startsWith('lib/warehouse/') && !/\.test\.tsx?$/.test(file),
  )
  expect(files.length).toBeGreaterThan(100)
  expect(files.filter((file) => COMPARISON.test(readFileSync(join(ROOT, file), 'utf8')))).toEqual([])
})
