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

test('a log never holds more than twice its size, across starts too', () => {
  const path = join(folder, 'web.log')
  for (let start = 0; start < 3; start++) {
    const log = openLogFile(path, 100)
    for (let line = 0; line < 20; line++) log.write(Buffer.from(`line ${start} ${line}\n`))
  }
  expect(statSync(path).size).toBeLessThanOrEqual(100)
  expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(100)
  expect(readFileSync(path, 'utf8')).toMatch(/line 2 19\n$/)
})

test('a log that cannot be written ends nothing', () => {
  openLogFile(join(folder, 'missing', 'web.log')).write(Buffer.from('lost'))
})

test('warnings and errors reach the console, the rest stays in the log', () => {
  expect(consoleLine('{"level":"error","message":"the engine ends","error":"no database"}')).toBe(
    'the engine ends: no database',
  )
  expect(consoleLine('{"level":"warn","message":"slow"}')).toBe('slow')
  expect(consoleLine('{"level":"info","message":"hello"}')).toBeUndefined()
  expect(consoleLine('{not json')).toBeUndefined()
  expect(consoleLine('Ready in 91ms')).toBeUndefined()
})
