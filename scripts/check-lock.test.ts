import { expect, test } from 'vitest'
import { missingFromLock } from './check-lock.ts'

test('names an optional package that npm left out', () => {
  const optionalDependencies = { 'fast-linux': '1.0.0', 'fast-darwin': '1.0.0' }
  const lock = { packages: { 'node_modules/fast': { optionalDependencies }, 'node_modules/fast-linux': {} } }
  expect(missingFromLock(lock)).toEqual(['fast-darwin (required by node_modules/fast)'])
})

test('finds entries next to and above the requiring package', () => {
  const optionalDependencies = { inner: '1.0.0', outer: '1.0.0', top: '1.0.0' }
  const lock = {
    packages: {
      'node_modules/a/node_modules/b': { optionalDependencies },
      'node_modules/a/node_modules/b/node_modules/inner': {},
      'node_modules/a/node_modules/outer': {},
      'node_modules/top': {},
    },
  }
  expect(missingFromLock(lock)).toEqual([])
})
