import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type FaultRow, GOES_ON, SPOTIFY_FAULTS } from '#testing/sync/faults.ts'
import { OWN_FAULTS, TESTED_ELSEWHERE } from '#testing/sync/other-faults.ts'

/** docs/faults.md shows what the tests of the fault matrix prove: no row more, none less, in the same words. */

const ROOT = join(import.meta.dirname, '..', '..')
const MATRIX = 'lib/sync/faults.integration.test.ts'
const OWN = 'lib/sync/own-faults.integration.test.ts'

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

function row({ fault, state, sees, goesOn, elsewhere }: FaultRow, file: string): string {
  const shown = sees ?? elsewhere ?? 'nothing'
  return `| ${fault} | ${state} | ${shown} | ${GOES_ON[goesOn]} | \`${file}\` |`
}

const ROWS = [
  ...SPOTIFY_FAULTS.map((fault) => row(fault, MATRIX)),
  ...Object.entries(OWN_FAULTS).map(([fault, rest]) => row({ fault, ...rest }, OWN)),
  ...TESTED_ELSEWHERE.map(
    ({ fault, sees, ends, file }) => `| ${fault} | | ${sees ?? 'nothing'} | ${ends} | \`${file}\` |`,
  ),
]

test('the page has the rows of the matrix', () => {
  const rows = read('docs/faults.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| Fault'))
  expect(rows).toEqual(ROWS)
})

test.for(TESTED_ELSEWHERE)('$fault is tested where the page says', ({ file, test: name }) => {
  expect(read(file)).toContain(name)
})

test.for(Object.keys(OWN_FAULTS))('%s has its test', (fault) => {
  expect(read(OWN)).toContain(`('${fault}'`)
})
