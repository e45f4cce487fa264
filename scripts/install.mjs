// Brings node_modules up to date with package-lock.json. Must run on Node 18 without packages.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { npmEnvironment } from './inherited.mjs'
import { run, StepFailed, step } from './steps.mjs'

/** @typedef {'running' | 'all'} PackageSet what an instance needs, or the tools for tests and development as well */
/** @typedef {Record<string, { version?: string, optional?: boolean, dev?: boolean, os?: string[], cpu?: string[], libc?: string[], optionalDependencies?: Record<string, string> }>} Packages */

const NPM_RECORD = join('node_modules', '.package-lock.json')
const STAMP = join('.cache', 'install.stamp')
// The last complete installation before the one in progress. Kept if that one is interrupted.
const UNFINISHED = join('.cache', 'install.unfinished')

// No dependency needs its install script, and one of them fails on Node 18. Packages are identified by their digest in
// the lock, so a cached copy is as good as a fresh one.
const FLAGS = [
  '--ignore-scripts',
  '--include=optional',
  '--no-audit',
  '--no-fund',
  '--prefer-offline',
  '--loglevel=error',
]

/**
 * Installs the missing packages of a set. Packages that are already up to date stay untouched, so a running instance is
 * not affected. Development tools, once installed, are kept up to date.
 * @param {PackageSet} requested
 * @throws {StepFailed}
 */
export async function installPackages(requested) {
  const text = readFileSync('package-lock.json', 'utf8')
  const lock = JSON.parse(text)
  const key = createHash('sha256').update([text, process.platform, process.arch].join('\0')).digest('hex')
  const stamp = readJson(STAMP)
  const set = requested === 'all' || stamp?.packages === 'all' ? 'all' : 'running'
  if (!existsSync(UNFINISHED) && existsSync(NPM_RECORD)) {
    const isStamped = stamp?.key === key && (stamp.packages === 'all' || requested === 'running')
    if (isStamped || matches(lock.packages, set)) return writeJson(STAMP, { key, packages: set })
  }
  refuseIncompleteLock(lock.packages)
  const complete = readJson(UNFINISHED) ?? readJson(NPM_RECORD)?.packages ?? {}
  writeJson(UNFINISHED, complete)
  const omit = set === 'all' ? '--include=dev' : '--omit=dev'
  if (Object.keys(complete).length === 0) {
    await step('installing the packages', () => npm(['ci', omit]))
  } else {
    removeDoubtful({ ...lock.packages, ...complete }, complete)
    const title = requested === 'all' ? 'adding the development tools' : 'updating the packages'
    // `npm ci` would first delete everything, even under a running instance.
    await step(title, () => npm(['install', '--no-save', omit]))
  }
  rmSync(UNFINISHED)
  writeJson(STAMP, { key, packages: set })
}

/** Whether the packages that an instance needs are there. Must be called in the project's folder. */
export function isInstalled() {
  if (existsSync(UNFINISHED) || !existsSync(NPM_RECORD)) return false
  return matches(JSON.parse(readFileSync('package-lock.json', 'utf8')).packages, 'running')
}

/** @param {string[]} args */
function npm([command = '', ...args]) {
  return run('npm', [command, ...FLAGS, ...args], {
    env: npmEnvironment(process.env, resolve('.cache')),
    shell: process.platform === 'win32',
    remedy: remedyFor,
  })
}

const FREE_DISK = 'Free 2 GB of disk space, then start again to continue the installation.'
/** Remedies by the code that npm prints: https://docs.npmjs.com/cli/v11/using-npm/logging */
const REMEDIES = {
  ENOSPC: FREE_DISK,
  EDQUOT: FREE_DISK,
  EACCES: 'Make node_modules and the npm cache writable for this user, then start again.',
  EPERM: 'Make node_modules and the npm cache writable for this user, then start again.',
  EROFS: 'Move the project to a writable folder, then start again.',
  EINTEGRITY: 'A package differs from package-lock.json. Run `npm cache verify`, then start again.',
}

/** @param {string} output of npm */
function remedyFor(output) {
  const code = /^npm (?:error|ERR!) code (\w+)$/m.exec(output)?.[1] ?? ''
  const other = 'Check that `npm ping` reaches the registry and that the disk has 2 GB free, then start again.'
  return Object.hasOwn(REMEDIES, code) ? REMEDIES[/** @type {keyof typeof REMEDIES} */ (code)] : other
}

/**
 * Whether node_modules contains every package of the set that this platform needs, by npm's own record.
 * @param {Packages} packages
 * @param {PackageSet} set
 */
function matches(packages, set) {
  const here = /** @type {Packages} */ (readJson(NPM_RECORD)?.packages ?? {})
  return Object.entries(packages).every(([path, { version, optional, dev, os, cpu, libc }]) => {
    if (path === '' || (dev && set === 'running')) return true
    // npm decides about optional packages without a platform and those that depend on the C library.
    if ((optional && (!os || libc)) || !fits(os, process.platform) || !fits(cpu, process.arch)) return true
    return here[path]?.version === version
  })
}

/**
 * @param {string[] | undefined} allowed
 * @param {string} own
 */
function fits(allowed, own) {
  return allowed === undefined || [allowed].flat().includes(own)
}

/**
 * Deletes packages that an interrupted installation may have unpacked halfway: those in another version than the last
 * complete installation had. npm only compares versions and would keep them.
 * @param {Packages} packages
 * @param {Packages} complete
 */
function removeDoubtful(packages, complete) {
  for (const path of Object.keys(packages)) {
    if (path === '' || !existsSync(path)) continue
    const installed = readJson(join(path, 'package.json'))?.version
    if (installed === undefined || installed !== complete[path]?.version) rmSync(path, { recursive: true, force: true })
  }
  // npm trusts its own record more than the folder's content.
  rmSync(NPM_RECORD, { force: true })
}

// Platform names in package names, where they differ from Node's.
/** @type {Record<string, string[]>} */
const OTHER_PLATFORM_NAMES = { win32: ['windows', 'win'] }

/**
 * `npm install` on another platform can silently drop this platform's packages from the lock, and then the installed
 * project fails much later.
 * @param {Packages} packages
 */
function refuseIncompleteLock(packages) {
  const { platform, arch } = process
  const names = [platform, ...(OTHER_PLATFORM_NAMES[platform] ?? [])].join('|')
  const isOurs = new RegExp(`(^|[/-])(${names})-${arch}(-[a-z]+)?$`)
  const required = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
  const known = new Set(Object.keys(packages).map((path) => path.split('node_modules/').pop()))
  const missing = required.find((name) => isOurs.test(name) && !known.has(name))
  if (missing === undefined) return
  throw new StepFailed(
    `package-lock.json is incomplete for ${platform}-${arch}: ${missing} is missing. Restore the file from git.`,
  )
}

/**
 * @param {string} path
 * @returns {any} undefined when the file is missing or was written halfway
 */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * @param {string} path
 * @param {unknown} value
 */
function writeJson(path, value) {
  mkdirSync('.cache', { recursive: true })
  writeFileSync(path, JSON.stringify(value))
}
