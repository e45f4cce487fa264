import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterEach, expect, test } from 'vitest'
import { startCpuMeter } from './cpu-meter.ts'
import { runTool } from './run-tool.ts'

const BURN =
  'for (let used = 0; used < 400_000; ) { const { user, system } = process.cpuUsage(); used = user + system }'

/** A program that runs another one. */
const running = (code: string, rest: string) =>
  `const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(code)}], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] }); ${rest}`

let orphan: number | undefined
afterEach(() => {
  if (orphan) process.kill(orphan)
  orphan = undefined
})

function expectBurned(seconds: number | undefined): void {
  if (process.platform === 'linux') expect(seconds ?? Number.NaN).toBeGreaterThanOrEqual(0.4)
  else expect(seconds).toBeUndefined()
}

test('counts what a tool and the processes it starts use, however short they are', async () => {
  const stop = startCpuMeter(60_000)
  expect(await runTool(['-e', running(BURN, '')])).toBe(0)
  expectBurned(stop())
})

test('counts a process that outlives the tool that started it', async () => {
  const stop = startCpuMeter(20)
  const burnAndStay = `${BURN} console.log('done'); setInterval(() => {}, 1000)`
  const tool = spawn(
    process.execPath,
    ['-e', running(burnAndStay, `child.stdout.once('data', () => { console.log(child.pid); process.exit() })`)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(tool, 'exit')
  orphan = Number((await once(createInterface(tool.stdout), 'line'))[0])
  await ended
  expectBurned(stop())
})
