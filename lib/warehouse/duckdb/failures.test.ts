import { expect, test } from 'vitest'
import { Skip } from '#lib/core/errors.ts'
import { isFatal, toFailure } from './failures.ts'

test.for([
  ['IO Error: Could not set lock on file "/x": Conflicting lock is held in node (PID 42)', 'wait'],
  ['TransactionContext Error: Failed to commit: Could not write file "x.wal": No space left on device', 'wait'],
  ['IO Error: The file "/x" exists, but it is not a valid DuckDB database file!', 'stop'],
  ['IO Error: Corrupt database file: computed checksum 1 does not match stored checksum 2 in block', 'stop'],
  ['IO Error: Cannot open file "/x": Permission denied', 'stop'],
  ["EACCES: permission denied, mkdir '/x'", 'stop'],
  ['Out of Memory Error: failed to allocate data of size 16.0 MiB (244.1 MiB/244.1 MiB used)', 'stop'],
  ['FATAL Error: Failed: database has been invalidated because of a previous fatal error', 'retry'],
  ['FATAL Error: the autocheckpoint failed: Could not write file "/x": No space left on device', 'wait'],
  ['Catalog Error: Table with name nope does not exist!', 'stop'],
  ['something never seen before', 'stop'],
])('%s → %s, with cause and remedy', ([message = '', recovery]) => {
  const cause = new Error(message)
  const failure = toFailure(cause)
  expect(failure).toMatchObject({ recovery, cause })
  expect(failure.remedy).not.toBe('')
  expect(isFatal(failure)).toBe(message.startsWith('FATAL'))
})

test('a failure passes unchanged', () => {
  const failure = new Skip('not available', { remedy: 'none' })
  expect(toFailure(failure)).toBe(failure)
})
