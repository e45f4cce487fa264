import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { afterEnd, type ChildPlan, keepRunning, restartDelayMs, type SupervisedChild } from './child.ts'
import { openLogFile } from './log-file.ts'
import { isAlive } from './processes.ts'

let folder: string
let kept: SupervisedChild | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracklake-child-'))
})

afterEach(async () => {
  await kept?.stop()
  kept = undefined
  rmSync(folder, { recursive: true })
})

const LISTENS = `process.stdin.on('end', () => process.exit()).resume(); setInterval(() => {}, 1000); console.log('up')`

function plan(code: string, more: Partial<ChildPlan> = {}): ChildPlan {
  return {
    name: 'test',
    command: { file: process.execPath, args: ['-e', code] },
    environment: process.env,
    log: openLogFile(join(folder, 'test.log')),
    pidFile: join(folder, 'test.json'),
    ...more,
  }
}

function logged(): string {
  const path = join(folder, 'test.log')
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

const SOON = { timeout: 20_000, interval: 20 }

test('a killed process is started again and noted anew', async () => {
  kept = keepRunning(plan(LISTENS), { onGivenUp: expect.unreachable })
  await vi.waitFor(() => expect(logged()).toBe('up\n'), SOON)
  const first = kept.pid()
  process.kill(first, 'SIGKILL')
  await vi.waitFor(() => expect(logged()).toBe('up\nup\n'), SOON)
  expect(kept.pid()).not.toBe(first)
  expect(JSON.parse(readFileSync(join(folder, 'test.json'), 'utf8'))).toMatchObject({ pid: kept.pid() })
})

test('a process that ends again and again is given up with one sentence', async () => {
  const sentence = await new Promise<string>((done) => {
    kept = keepRunning(plan(`console.log('starts'); process.exit(3)`), { onGivenUp: done })
  })
  expect(sentence).toBe(`The test process ended again and again; ${join(folder, 'test.log')} says why.`)
  expect(logged()).toBe('starts\n'.repeat(6))
})

test('a program that is not there is given up as well', async () => {
  const nowhere = { file: join(folder, 'nowhere'), args: [] }
  await new Promise<string>((done) => {
    kept = keepRunning(plan('', { command: nowhere }), { onGivenUp: done })
  })
  expect(logged()).toContain('ENOENT')
})

test('what only a person can help is given up at once', async () => {
  const sentence = await new Promise<string>((done) => {
    kept = keepRunning(plan(`console.log('starts'); process.exit(78)`), { onGivenUp: done })
  })
  expect(sentence).toBe(`The test process cannot go on; ${join(folder, 'test.log')} says why.`)
  expect(logged()).toBe('starts\n')
})

test('what waits for something outside is never given up, and tried ever more rarely', () => {
  expect([0, 4, 5, 100].map((restarts) => afterEnd(plan(''), 75, restarts))).toEqual(
    [200, 3_200, 6_400, 10_000].map((pauseMs) => ({ pauseMs })),
  )
  expect(afterEnd(plan(''), 1, 5)).toHaveProperty('sentence')
})

test('its message ends it without a restart', async () => {
  await new Promise<void>((done) => {
    const events = { onGivenUp: expect.unreachable, onMessage: done }
    kept = keepRunning(plan('process.exit(64)', { messageCode: 64 }), events)
  })
  expect(existsSync(join(folder, 'test.json'))).toBe(false)
})

test('a stopped process stays stopped', async () => {
  kept = keepRunning(plan(LISTENS), { onGivenUp: expect.unreachable })
  await vi.waitFor(() => expect(logged()).toBe('up\n'), SOON)
  const pid = kept.pid()
  const announced = vi.spyOn(console, 'log')
  await kept.stop()
  expect(isAlive(pid)).toBe(false)
  expect(kept.pid()).toBe(0)
  expect(announced, 'a restart is announced before it happens').not.toHaveBeenCalled()
  announced.mockRestore()
})

test('a process that ignores the request is ended by force', async () => {
  kept = keepRunning(plan(`process.on('SIGTERM', () => {}); ${LISTENS}`), { onGivenUp: expect.unreachable })
  await vi.waitFor(() => expect(logged()).toBe('up\n'), SOON)
  const pid = kept.pid()
  await kept.stop()
  expect(isAlive(pid)).toBe(false)
})

test('waits grow from a fifth of a second to ten seconds', () => {
  expect([0, 1, 2, 3, 4, 9].map(restartDelayMs)).toEqual([200, 400, 800, 1600, 3200, 10_000])
})
