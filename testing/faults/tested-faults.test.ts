import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TESTED_FAULTS } from './index.ts'

const ROOT = join(import.meta.dirname, '..', '..')

test.for(Object.values(TESTED_FAULTS).flat())('$fault is tested where docs/faults.md says', ({ file, test: name }) => {
  expect(readFileSync(join(ROOT, file), 'utf8')).toContain(name)
})

test('docs/faults.md says each fault once', () => {
  const faults = Object.values(TESTED_FAULTS).flatMap((rows) => rows.map(({ fault }) => fault))
  expect(faults).toEqual([...new Set(faults)])
})
