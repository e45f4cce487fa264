import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventually } from '#testing/eventually.ts'

// npm installs a small project from a registry on this machine: `app` is needed to run, `tool` for development.

const ROOT = join(import.meta.dirname, '..')
const NAMES = ['app', 'tool'] as const
type Name = (typeof NAMES)[number]
type Fault = 'cut off' | 'stalled'

const tarballs = new Map<Name, Buffer>()
/** What happens in the middle of a package's tarball. */
const faults = new Map<Name, Fault>()
let registry: Server
let sources: string
let project: string
let child: ChildProcess | undefined

beforeAll(async () => {
  sources = mkdtempSync(join(tmpdir(), 'tracklake-packages-'))
  for (const name of NAMES) tarballs.set(name, pack(name))
  registry = createServer((request, response) => serve(request.url ?? '', response))
  registry.listen(0, '127.0.0.1')
  await once(registry, 'listening')
})

afterAll(() => {
  registry.closeAllConnections()
  registry.close()
  rmSync(sources, { recursive: true })
})

beforeEach(() => {
  faults.clear()
  project = mkdtempSync(join(tmpdir(), 'tracklake-install-'))
  mkdirSync(join(project, 'scripts'))
  for (const file of ['install.mjs', 'steps.mjs', 'inherited.mjs', 'stop-signals.mjs']) {
    cpSync(join(ROOT, 'scripts', file), join(project, 'scripts', file))
  }
  const root = { name: 'project', version: '1.0.0', dependencies: { app: '1.0.0' }, devDependencies: { tool: '1.0.0' } }
  writeFileSync(join(project, 'package.json'), JSON.stringify(root))
  const packages = {
    '': root,
    'node_modules/app': { version: '1.0.0', integrity: digestOf('app') },
    'node_modules/tool': { version: '1.0.0', integrity: digestOf('tool'), dev: true },
  }
  const lock = { name: 'project', version: '1.0.0', lockfileVersion: 3, requires: true, packages }
  writeFileSync(join(project, 'package-lock.json'), JSON.stringify(lock))
})

afterEach(() => {
  killAll()
  rmSync(project, { recursive: true, force: true })
})

/** A package whose large file comes after its package.json. */
function pack(name: Name): Buffer {
  const folder = join(sources, name, 'package')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', main: 'index.js' }))
  writeFileSync(join(folder, 'index.js'), `module.exports = '${randomBytes(1_000_000).toString('base64')}'`)
  const file = join(sources, `${name}.tgz`)
  execFileSync('tar', ['-czf', file, '-C', join(sources, name), 'package/package.json', 'package/index.js'])
  return readFileSync(file)
}

function tarballOf(name: Name): Buffer {
  return tarballs.get(name) ?? Buffer.alloc(0)
}

function digestOf(name: Name): string {
  return `sha512-${createHash('sha512').update(tarballOf(name)).digest('base64')}`
}

function serve(url: string, response: ServerResponse): void {
  const name = NAMES.find((each) => url.startsWith(`/${each}`))
  if (!name) return void response.writeHead(404).end()
  if (!url.endsWith('.tgz')) {
    const { port } = registry.address() as AddressInfo
    const tarball = `http://127.0.0.1:${port}/${name}/-/${name}-1.0.0.tgz`
    const version = { name, version: '1.0.0', dist: { tarball, integrity: digestOf(name) } }
    return void response.end(JSON.stringify({ name, 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } }))
  }
  const tarball = tarballOf(name)
  const fault = faults.get(name)
  if (fault === undefined) return void response.end(tarball)
  response.writeHead(200, { 'content-length': tarball.length })
  response.write(tarball.subarray(0, tarball.length / 2), () => {
    if (fault === 'cut off') response.destroy()
  })
}

interface Installed {
  status: number | null
  printed: string
}

/** @param command starts the program; the rest of its arguments follow */
async function install(packages: 'running' | 'all', command: string[] = []): Promise<Installed> {
  const { port } = registry.address() as AddressInfo
  const code = `import('./scripts/install.mjs').then(({ installPackages }) => installPackages('${packages}'))`
  const program = [...command, process.execPath, '-e', code]
  const started = spawn(program[0] ?? '', program.slice(1), {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: {
      ...process.env,
      npm_config_registry: `http://127.0.0.1:${port}/`,
      npm_config_cache: join(project, 'npm-cache'),
      npm_config_fetch_retries: '0',
    },
  })
  child = started
  let printed = ''
  for (const stream of [started.stdout, started.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
  }
  await once(started, 'close')
  return { status: started.exitCode, printed }
}

/** Kills the installation with npm, which has a process group of its own, as a machine that goes down does. */
function killAll(): void {
  const pid = child?.pid ?? 0
  for (const group of [...childrenOf(pid), pid]) {
    try {
      process.kill(-group, 'SIGKILL')
    } catch {
      // all of it has exited
    }
  }
}

function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : []
}

const path = (file: string) => join(project, 'node_modules', file)
const complete = (name: Name) => existsSync(path(name)) && statSync(path(`${name}/index.js`)).size > 1_000_000
const inodeOf = (file: string) => statSync(path(file), { bigint: true }).ino

test('adds development tools without touching the packages in use', async () => {
  expect(await install('running')).toMatchObject({ status: 0 })
  expect(readdirSync(path('.')).filter((name) => !name.startsWith('.'))).toEqual(['app'])
  const before = [inodeOf('app'), inodeOf('app/index.js')]

  expect((await install('all')).printed).toContain('adding the development tools')
  expect(complete('tool')).toBe(true)
  expect([inodeOf('app'), inodeOf('app/index.js')]).toEqual(before)
})

test('a start keeps the tools that were added, and nothing is installed twice', async () => {
  await install('all')
  expect(await install('running')).toEqual({ status: 0, printed: '' })
  expect(await install('all')).toEqual({ status: 0, printed: '' })
  expect(complete('tool')).toBe(true)
})

test('explains an installation that fails midway, which the next start completes', async () => {
  faults.set('app', 'cut off')
  const failed = await install('running')
  expect(failed.status).not.toBe(0)
  expect(failed.printed).toMatch(/`npm ci .*` failed \(exit code 1\)\. Check that `npm ping` reaches the registry/)

  faults.clear()
  expect(await install('running')).toMatchObject({ status: 0 })
  expect(complete('app')).toBe(true)
})

test('the next start completes an installation killed while unpacking, and keeps packages in use', async () => {
  await install('running')
  const before = inodeOf('app/index.js')
  faults.set('tool', 'stalled')
  const killed = install('all')
  await eventually(() => existsSync(path('tool/package.json')))
  killAll()
  await killed

  faults.clear()
  expect(await install('all')).toMatchObject({ status: 0 })
  expect(complete('tool')).toBe(true)
  expect(inodeOf('app/index.js')).toBe(before)
})

/** Whether this machine lets an ordinary user mount; otherwise full disks can't be tested. */
const CAN_MOUNT = (() => {
  try {
    execFileSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

test.runIf(CAN_MOUNT)('reports a full disk, and the next start completes the installation', async () => {
  mkdirSync(path('.'))
  // Only this process sees the small disk. npm can't replace a mounted folder, so it is mounted at its parent.
  const mount = `mount -t tmpfs -o size=700k tmpfs "$0" && cp -a "$1/." "$0" && cd "$0" && shift && exec "$@"`
  const source = `${project}-source`
  cpSync(project, source, { recursive: true })
  const failed = await install('running', ['unshare', '-rm', 'sh', '-c', mount, project, source])
  rmSync(source, { recursive: true })
  expect(failed.status).not.toBe(0)
  expect(failed.printed).toContain('Free 2 GB of disk space, then start again')

  expect(await install('running')).toMatchObject({ status: 0 })
  expect(complete('app')).toBe(true)
})
