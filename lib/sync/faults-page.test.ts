import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type FaultRow, RECOVERIES, SPOTIFY_FAULTS } from '#testing/sync/faults.ts'
import { SYSTEM_FAULTS, TESTED_ELSEWHERE } from '#testing/sync/other-faults.ts'

/** docs/faults.md has exactly the rows that the tests of the fault matrix check. */

const ROOT = join(import.meta.dirname, '..', '..')
const MATRIX = 'lib/sync/faults.integration.test.ts'
const SYSTEM = 'lib/sync/system-faults.integration.test.ts'

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

function row({ fault, state, sees, recovery, elsewhere }: FaultRow, file: string): string {
  const shown = sees ?? elsewhere ?? 'nothing'
  return `| ${fault} | ${state} | ${shown} | ${RECOVERIES[recovery]} | \`${file}\` |`
}

const ROWS = [
  ...SPOTIFY_FAULTS.map((fault) => row(fault, MATRIX)),
  ...Object.entries(SYSTEM_FAULTS).map(([fault, rest]) => row({ fault, ...rest }, SYSTEM)),
  ...TESTED_ELSEWHERE.map(
    ({ fault, sees, outcome, file }) => `| ${fault} | | ${sees ?? 'nothing'} | ${outcome} | \`${file}\` |`,
  ),
]

test('docs/faults.md has the rows of the matrix', () => {
  const matrix = read('docs/faults.md').split('\n## ')[0] ?? ''
  const rows = matrix.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| Fault'))
  expect(rows).toEqual(ROWS)
})

test.for(TESTED_ELSEWHERE)('$fault is tested where docs/faults.md says', ({ file, test: name }) => {
  expect(read(file)).toContain(name)
})

test.for(Object.keys(SYSTEM_FAULTS))('%s has a test', (fault) => {
  expect(read(SYSTEM)).toContain(`('${fault}'`)
})
