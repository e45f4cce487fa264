import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { readPlaywrightCounts, readVitestCounts, resultFile } from './results.ts'

const NAME = 'results-test'

afterEach(() => rmSync(resultFile(NAME), { force: true }))

function report(content: unknown): string {
  const file = resultFile(NAME)
  writeFileSync(file, JSON.stringify(content))
  return file
}

test('counts the tests of vitest', () => {
  expect(readVitestCounts(report({ numPassedTests: 7, numFailedTests: 2 }), 1)).toEqual({ passed: 7, failed: 2 })
})

test('a run that fails without a failed test counts as one failure', () => {
  expect(readVitestCounts(report({ numPassedTests: 7, numFailedTests: 0 }), 1)).toEqual({ passed: 7, failed: 1 })
  expect(readVitestCounts(resultFile(NAME), 1)).toEqual({ passed: 0, failed: 1 })
})

test('a browser test that passes only at the second attempt counts as failed', () => {
  const stats = { expected: 5, unexpected: 1, flaky: 1 }
  expect(readPlaywrightCounts(report({ stats }), 1)).toEqual({ passed: 5, failed: 2 })
})

test('the report of an earlier run is deleted before the next', () => {
  const file = report({ numPassedTests: 7, numFailedTests: 0 })
  expect(existsSync(file)).toBe(true)
  expect(existsSync(resultFile(NAME))).toBe(false)
})
