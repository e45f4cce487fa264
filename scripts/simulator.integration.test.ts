import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'

const CREDENTIALS = { SPOTIFY_CLIENT_ID: 'app', SPOTIFY_CLIENT_SECRET: 'hush' }
const Line = z.looseObject({ level: z.string(), url: z.string().optional(), cause: z.string().optional() })

let child: ChildProcess | undefined
afterEach(() => child?.kill())

function start(environment: Record<string, string>): ChildProcess {
  child = spawn(process.execPath, ['scripts/simulator.ts'], {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return child
}

async function firstLine({ stdout }: ChildProcess) {
  if (!stdout) throw new Error('The process has no output')
  const [chunk] = await once(stdout, 'data')
  return Line.parse(JSON.parse(String(chunk).split('\n')[0] ?? ''))
}

test('listens with its settings and ends with the process that started it', async () => {
  const simulator = start({ ...CREDENTIALS, SIMULATOR_ADMIN: '1' })
  const { url } = await firstLine(simulator)
  expect((await fetch(`${url}/v1/me`)).status).toBe(401)
  expect((await fetch(`${url}/admin/stats`)).status).toBe(200)
  const ended = once(simulator, 'exit')
  simulator.stdin?.end()
  expect(await ended).toEqual([0, null])
})

test('keeps the admin address closed by default', async () => {
  const { url } = await firstLine(start(CREDENTIALS))
  expect((await fetch(`${url}/admin/stats`)).status).toBe(404)
})

test('names the invalid setting', async () => {
  const simulator = start({ ...CREDENTIALS, SIMULATOR_PORT: 'many' })
  const ended = once(simulator, 'exit')
  expect((await firstLine(simulator)).cause).toContain('SIMULATOR_PORT')
  expect(await ended).toEqual([1, null])
})
