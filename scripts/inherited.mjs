// The variables that child processes inherit from the operator's environment, which also has secrets and variables
// meant for other programs. Uses only Node's built-in modules and runs on Node 18, as bootstrap.mjs does.
import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'

/** @typedef {Record<string, string | undefined>} Environment */

/** Where programs are. All but PATH are needed on Windows or NixOS. */
const SYSTEM = [
  ['PATH', 'SystemRoot', 'SystemDrive', 'windir', 'ComSpec', 'PATHEXT', 'ProgramData', 'NUMBER_OF_PROCESSORS'],
  ['NIX_LD', 'NIX_LD_LIBRARY_PATH'],
].flat()

/** The user, and the folders for caches and temporary files. */
const ACCOUNT = [
  ['HOME', 'USER', 'LOGNAME', 'TMPDIR', 'TMP', 'TEMP'],
  ['USERPROFILE', 'USERNAME', 'APPDATA', 'LOCALAPPDATA'],
].flat()

/** Additional certificates that the operator trusts. */
const CERTIFICATES = ['NODE_EXTRA_CA_CERTS', 'NODE_USE_SYSTEM_CA', 'SSL_CERT_FILE', 'SSL_CERT_DIR']

/** Node options for the network. Others, such as debugger options, are meant for a single process. */
const NETWORK_OPTION =
  /^--(use-(system|openssl|bundled)-ca|dns-result-order=\w+|(no-)?network-family-autoselection(-attempt-timeout=\d+)?|tls-(min|max)-v1\.[0-3])$/

/**
 * The variables with these names. On Windows, case doesn't matter.
 *
 * @param {Environment} environment
 * @param {readonly string[]} names
 * @returns {Environment}
 */
export function pick(environment, names) {
  const form = (/** @type {string} */ name) => (process.platform === 'win32' ? name.toUpperCase() : name)
  const allowed = new Set(names.map(form))
  return Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => value !== undefined && allowed.has(form(name))),
  )
}

/**
 * What any program needs.
 *
 * @param {Environment} environment
 */
export function systemEnvironment(environment) {
  return pick(environment, SYSTEM)
}

/**
 * What a Node process needs. UTC, because nothing may depend on the zone of the machine.
 *
 * @param {Environment} environment
 * @param {string} fallback a folder that can be written to, for caches and temporary files
 * @returns {Environment}
 */
export function nodeEnvironment(environment, fallback) {
  const options = networkOptions(environment.NODE_OPTIONS)
  return {
    ...systemEnvironment(environment),
    ...pick(environment, [...ACCOUNT, ...CERTIFICATES]),
    ...usableFolders(environment, fallback),
    ...(options ? { NODE_OPTIONS: options } : {}),
    TZ: 'UTC',
  }
}

/** @param {string | undefined} options */
export function networkOptions(options = '') {
  return options
    .split(/\s+/)
    .filter((option) => NETWORK_OPTION.test(option))
    .join(' ')
}

// Settings of Tracklake and of Postgres' programs.
const OWN = /^(TRACKLAKE_|SPOTIFY_|INNGEST_|SMTP_|METRICS_|NEXTAUTH_|SNOWFLAKE_|DATABASE_URL|PG[A-Z]+$)/
// Options that `npm start` was called with. With them, `npm ci` could install elsewhere, less, or nothing.
const NPM_CALL = /^npm_config_(global|location|dry_run|omit|include|only|production|workspaces?|package_lock(_only)?)$/i

/**
 * What npm needs: everything that .npmrc may refer to, for example a token for the registry, but none of our settings.
 *
 * @param {Environment} environment
 * @param {string} fallback a folder that can be written to, for the cache if the home folder can't hold it
 * @returns {Environment}
 */
export function npmEnvironment(environment, fallback) {
  const inherited = Object.entries(environment).filter(([name]) => !OWN.test(name) && !NPM_CALL.test(name))
  const { HOME, ...folders } = usableFolders(environment, fallback)
  return {
    ...(HOME === undefined ? {} : { npm_config_cache: join(fallback, 'npm') }),
    ...Object.fromEntries(inherited),
    ...folders,
    // Even a read-only home may hold a .npmrc. Without a home, npm exits immediately.
    ...(environment.HOME && existsSync(environment.HOME) ? {} : { HOME }),
    NODE_OPTIONS: networkOptions(environment.NODE_OPTIONS),
  }
}

/**
 * Removes the variables of Postgres' own programs. The `pg` package uses them as defaults, but they are meant for psql.
 *
 * @param {Environment} environment
 * @returns the names
 */
export function forgetPostgresVariables(environment) {
  const names = Object.keys(environment).filter((name) => /^PG[A-Z_]+$/.test(name))
  for (const name of names) delete environment[name]
  return names
}

/**
 * Folders for caches and temporary files that can be written to. A service may have no home, and a TMPDIR may be gone.
 *
 * @param {Environment} environment
 * @param {string} fallback a folder that can be written to
 * @returns {Environment} what differs from the environment
 */
function usableFolders(environment, fallback) {
  const home = process.platform === 'win32' || isWritableFolder(environment.HOME)
  const temporary = ['TMPDIR', 'TMP', 'TEMP'].filter(
    (name) => environment[name] && !isWritableFolder(environment[name]),
  )
  return {
    ...(home ? {} : { HOME: fallback }),
    ...Object.fromEntries(temporary.map((name) => [name, fallback])),
    ...(temporary.length === 0 && process.platform !== 'win32' && !environment.TMPDIR && !isWritableFolder('/tmp')
      ? { TMPDIR: fallback }
      : {}),
  }
}

/** @param {string | undefined} path */
function isWritableFolder(path) {
  try {
    if (!path) return false
    accessSync(join(path, '.'), constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}
