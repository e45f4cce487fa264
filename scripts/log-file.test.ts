import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { consoleLine, openLogFile } from './log-file.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracklake-log-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a log never exceeds twice its maximum size, even across restarts', () => {
  const path = join(folder, 'web.log')
  for (let start = 0; start < 3; start++) {
    const log = openLogFile(path, 100)
    for (let line = 0; line < 20; line++) log.write(Buffer.from(`line ${start} ${line}\n`))
  }
  expect(statSync(path).size).toBeLessThanOrEqual(100)
  expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(100)
  expect(readFileSync(path, 'utf8')).toMatch(/line 2 19\n$/)
})

test('a log that cannot be written does not stop the app', () => {
  openLogFile(join(folder, 'missing', 'web.log')).write(Buffer.from('lost'))
})

test('only warnings and errors are shown on the console', () => {
  expect(consoleLine('{"level":"error","message":"the engine exits","error":"no database"}')).toBe(
    'the engine exits: no database',
  )
  expect(consoleLine('{"level":"warn","message":"slow"}')).toBe('slow')
  expect(consoleLine('{"level":"info","message":"hello"}')).toBeUndefined()
  expect(consoleLine('{not json')).toBeUndefined()
  expect(consoleLine('Ready in 91ms')).toBeUndefined()
})
