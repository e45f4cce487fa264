import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { afterExit, type ChildPlan, keepRunning, restartDelayMs, type SupervisedChild } from './child.ts'
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

test('a killed process is restarted, with a new pid file', async () => {
  kept = keepRunning(plan(LISTENS), { onGivenUp: expect.unreachable })
  await vi.waitFor(() => expect(logged()).toBe('up\n'), SOON)
  const first = kept.pid()
  process.kill(first, 'SIGKILL')
  await vi.waitFor(() => expect(logged()).toBe('up\nup\n'), SOON)
  expect(kept.pid()).not.toBe(first)
  expect(JSON.parse(readFileSync(join(folder, 'test.json'), 'utf8'))).toMatchObject({ pid: kept.pid() })
})

test('a process that keeps exiting is given up with one message', async () => {
  const message = await new Promise<string>((done) => {
    kept = keepRunning(plan(`console.log('starts'); process.exit(3)`), { onGivenUp: done })
  })
  expect(message).toBe(`The test process keeps exiting. See ${join(folder, 'test.log')}.`)
  expect(logged()).toBe('starts\n'.repeat(6))
})

test('a missing program is given up as well', async () => {
  const nowhere = { file: join(folder, 'nowhere'), args: [] }
  await new Promise<string>((done) => {
    kept = keepRunning(plan('', { command: nowhere }), { onGivenUp: done })
  })
  expect(logged()).toContain('ENOENT')
})

test('a process that needs the operator is given up at once', async () => {
  const message = await new Promise<string>((done) => {
    kept = keepRunning(plan(`console.log('starts'); process.exit(78)`), { onGivenUp: done })
  })
  expect(message).toBe(`The test process can't continue. See ${join(folder, 'test.log')}.`)
  expect(logged()).toBe('starts\n')
})

test('a process that waits for something external is never given up, with growing delays', () => {
  expect([0, 4, 5, 100].map((restarts) => afterExit(plan(''), 75, restarts))).toEqual(
    [200, 3_200, 6_400, 10_000].map((delayMs) => ({ delayMs })),
  )
  expect(afterExit(plan(''), 1, 5)).toHaveProperty('giveUp')
})

test('a message to the supervisor causes no restart', async () => {
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

test('delays grow from 200 ms to 10 s', () => {
  expect([0, 1, 2, 3, 4, 9].map(restartDelayMs)).toEqual([200, 400, 800, 1600, 3200, 10_000])
})
