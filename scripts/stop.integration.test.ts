import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { environmentWithoutSettings } from '#testing/instances/instance.ts'
import { commandsWith, processesWith } from '#testing/instances/remaining.ts'
import { freePort } from './postgres.ts'

// Every way in which people and systems stop a service, with real processes. None may leave a process behind.

const ROOT = join(import.meta.dirname, '..')
const SOON = { timeout: 60_000, interval: 50 }

let folder: string
let data: string
let output = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracklake-stop-'))
  data = join(folder, 'data')
  output = ''
})

afterEach(() => {
  for (const pid of processesWith(folder)) process.kill(pid, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Starts an instance as the leader of a process group, as shells and service managers do. */
async function start(command: string[], environment: Record<string, string> = {}): Promise<ChildProcess> {
  const [file = '', ...args] = command
  const ports = { PORT: await freePort(), ENGINE_PORT: await freePort(), SIMULATOR_PORT: await freePort() }
  const settings = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]))
  const { npm_lifecycle_event: _, ...inherited } = environmentWithoutSettings()
  const child = spawn(file, args, {
    cwd: ROOT,
    detached: true,
    env: { ...inherited, NODE_ENV: 'production', DATA_DIR: data, ...settings, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  return child
}

const printed = (text: string) => vi.waitFor(() => expect(output).toContain(text), SOON)
const pidOf = ({ pid }: ChildProcess) => pid ?? 0

async function nothingRemains(): Promise<void> {
  await vi.waitFor(() => expect(commandsWith(folder)).toEqual([]), SOON)
}

/** Nothing remains, and Postgres had the time to shut down. */
async function stopsCleanly(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  await nothingRemains()
  expect(existsSync(join(data, 'instance.json'))).toBe(false)
  expect(readFileSync(join(data, 'logs', 'postgres.log'), 'utf8')).toContain('database system is shut down')
}

const NODE = [process.execPath, 'scripts/start.mjs']
const NPM = ['npm', 'start', '--silent']

/** A Node that isn't the one in node_modules, so that the start hands over to that one, as a first start does. */
function anotherNode(): string {
  const path = join(folder, 'node')
  try {
    linkSync(process.execPath, path)
  } catch {
    copyFileSync(process.execPath, path) // on another disk
    chmodSync(path, 0o755)
  }
  return path
}

const has = (program: string) => spawnSync('which', [program]).status === 0
/** A terminal whose keyboard is the standard input of the returned process. */
const inTerminal = (command: string[]) => ['script', '--quiet', '--return', '--command', command.join(' '), '/dev/null']

describe.runIf(process.platform === 'linux')('a running instance', () => {
  test('stops cleanly on SIGTERM to npm', async () => {
    const npm = await start(NPM)
    await printed('ready on')
    npm.kill('SIGTERM')
    await stopsCleanly(npm)
  })

  test('stops cleanly when npm is killed and cannot pass on a signal', async () => {
    const npm = await start(NPM)
    await printed('ready on')
    npm.kill('SIGKILL')
    await stopsCleanly(npm)
  })

  test('counts a signal to the process group of a first start only once', async () => {
    const first = await start([anotherNode(), 'scripts/start.mjs'])
    await printed('ready on')
    process.kill(-pidOf(first), 'SIGTERM')
    await stopsCleanly(first)
    expect(first.exitCode).toBe(0)
  })

  test('stops cleanly when a service manager signals every process at once', async () => {
    const main = await start(NODE)
    await printed('ready on')
    for (const pid of processesWith(data)) process.kill(pid, 'SIGTERM')
    await stopsCleanly(main)
    expect(main.exitCode).toBe(0)
  })

  test('leaves nothing running after kill -9, not even Postgres', async () => {
    const main = await start(NODE)
    await printed('ready on')
    main.kill('SIGKILL')
    await nothingRemains()
  })

  test('stops immediately on a second Ctrl-C after a while', async () => {
    const main = await start(NODE)
    await printed('ready on')
    const { pid } = JSON.parse(readFileSync(join(data, 'run', 'web.json'), 'utf8')) as { pid: number }
    process.kill(pid, 'SIGSTOP') // it can't stop by itself
    const ended = once(main, 'exit')
    const pressing = setInterval(() => main.kill('SIGINT'), 100)
    await ended
    clearInterval(pressing)
    await nothingRemains()
  })

  test.runIf(has('script'))('stops cleanly on Ctrl-C in a terminal', async () => {
    const terminal = await start(inTerminal(NPM))
    await printed('ready on')
    terminal.stdin?.write('\x03')
    await stopsCleanly(terminal)
  })

  test.runIf(has('script'))('stops cleanly when its terminal is closed', async () => {
    const terminal = await start(inTerminal(NPM))
    await printed('ready on')
    terminal.kill('SIGKILL')
    await stopsCleanly(terminal)
  })

  const isolated = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child']
  const canIsolate = spawnSync(isolated[0] ?? '', [...isolated.slice(1), 'true']).status === 0
  test.runIf(canIsolate)('stops cleanly as the first process of a container', async () => {
    const container = await start([...isolated, process.execPath, 'scripts/serve.ts'])
    await printed('ready on')
    const [serve] = processesWith(data).filter(
      (pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0scripts/serve.ts') && pid !== pidOf(container),
    )
    process.kill(serve ?? 0, 'SIGTERM')
    await stopsCleanly(container)
  })
})

describe.runIf(process.platform === 'linux')('a start', () => {
  test.for(['password', 'data.new/PG_VERSION', 'data/postmaster.pid'])(
    'leaves nothing running when stopped while writing postgres/%s',
    async (file) => {
      const main = await start(NODE)
      await vi.waitFor(() => expect(existsSync(join(data, 'postgres', file))).toBe(true), {
        timeout: 60_000,
        interval: 5,
      })
      process.kill(-pidOf(main), 'SIGTERM')
      await once(main, 'exit')
      expect(main.exitCode).toBe(0)
      await nothingRemains()
    },
  )

  /** A clone without node_modules, and an npm whose installation waits in a process of its own. */
  function unfinishedClone(): { bin: string; script: string } {
    const clone = join(folder, 'clone')
    const bin = join(folder, 'bin')
    mkdirSync(join(clone, 'scripts'), { recursive: true })
    mkdirSync(bin)
    for (const file of ['package.json', 'package-lock.json']) cpSync(join(ROOT, file), join(clone, file))
    cpSync(join(ROOT, 'scripts'), join(clone, 'scripts'), { recursive: true })
    writeFileSync(join(bin, 'npm'), `#!/bin/sh\nsleep 600 & touch ${join(folder, 'installing')}; wait\n`, {
      mode: 0o755,
    })
    return { bin, script: join(clone, 'scripts', 'start.mjs') }
  }

  test.for([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('leaves no installation running after %s', async ([signal, code]) => {
    const { bin, script } = unfinishedClone()
    const main = await start([process.execPath, script], { PATH: `${bin}${delimiter}${process.env.PATH}` })
    await vi.waitFor(() => expect(existsSync(join(folder, 'installing'))).toBe(true), SOON)
    main.kill(signal)
    await once(main, 'exit')
    expect(main.exitCode).toBe(code)
    await nothingRemains()
  })
})

test.runIf(process.platform === 'linux')('outlives the shell of the operator, but not npm', async () => {
  const watcher = `
    const { whenNpmIsGone } = await import('${join(ROOT, 'scripts', 'stop-signals.mjs')}')
    whenNpmIsGone(() => { console.log('npm is gone'); process.exit() })
    setInterval(() => console.log('tick'), 1000)`
  // In npm's place: it starts the watcher and has no shell in between.
  const npm = `
    const { spawn } = require('node:child_process')
    spawn(process.execPath, ['--input-type=module', '-e', process.env.WATCHER], { stdio: 'inherit' })
    console.log('npm is', process.pid)
    setInterval(() => {}, 1000)`
  const environment = { FOLDER: folder, NPM: npm, WATCHER: watcher, npm_lifecycle_event: 'start' }
  const shell = await start(['sh', '-c', `"${process.execPath}" -e "$NPM" & read line`], environment)
  const ticks = () => output.split('tick').length - 1
  await vi.waitFor(() => expect(ticks()).toBeGreaterThan(0), SOON)
  const ended = once(shell, 'exit')
  shell.stdin?.end()
  await ended
  // It looks once a second.
  const before = ticks()
  await vi.waitFor(() => expect(ticks()).toBeGreaterThan(before + 2), SOON)
  expect(output).not.toContain('npm is gone')
  process.kill(Number(/npm is (\d+)/.exec(output)?.[1]), 'SIGKILL')
  await printed('npm is gone')
})
