import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { readSettings, type Settings, SettingsProblem, settingValues } from '#lib/core/config.ts'
import { parseEnvFile } from '#lib/core/env-file.ts'
import { exceptions } from '#lib/core/proxy.ts'
import { isS3Address } from '#lib/core/s3-address.ts'
import { TextProblem } from '#lib/core/text-file.ts'
import { forgetPostgresVariables } from './inherited.mjs'
import { addSecretSettings } from './secret-settings.ts'

type Environment = Record<string, string | undefined>

/**
 * Adds a file of settings to an environment, removes variables meant for other programs, and reads the settings. The
 * environment takes precedence over the file. Prints a line for each ignored variable that the operator may have meant.
 *
 * @throws SettingsProblem
 */
export function readEnvironment(environment: Environment, file = '.env'): Settings {
  return settingsOf(environment, addFile(environment, file))
}

/** The same with the settings of a secret manager, which come last. @throws SettingsProblem */
export async function readEnvironmentAndSecrets(environment: Environment, file = '.env'): Promise<Settings> {
  const ignored = addFile(environment, file)
  await addSecretSettings(environment)
  return settingsOf(environment, ignored)
}

function addFile(environment: Environment, file: string): Ignored[] {
  const ignored = forgetForeign(environment)
  for (const [name, value] of Object.entries(readFile(file))) environment[name] ??= value
  return ignored
}

function settingsOf(environment: Environment, ignored: Ignored[]): Settings {
  ignored.push(...forgetHalfKey(environment))
  const settings = readSettings(environment)
  // With NODE_USE_ENV_PROXY, this process's health check would also go through the proxy.
  environment.NO_PROXY = environment.no_proxy = exceptions(settings).join(',')
  const forgotten = forgetPostgresVariables(environment)
  if (settings.DATABASE_URL) {
    const reason = 'it is meant for psql. Put everything into DATABASE_URL.'
    ignored.push(...forgotten.filter((name) => !name.startsWith('PGSSL')).map((name) => ({ name, reason })))
  }
  for (const { name, reason } of ignored)
    if (environment[name] === undefined) console.log(`${name} is ignored: ${reason}`)
  return settings
}

function readFile(file: string): Record<string, string> {
  if (!existsSync(file)) return {}
  try {
    return parseEnvFile(readFileSync(file), file)
  } catch (error) {
    if (error instanceof TextProblem) throw new SettingsProblem([error.message])
    const isFolder = error instanceof Error && 'code' in error && error.code === 'EISDIR'
    throw new SettingsProblem([
      isFolder
        ? `${file} is a folder. Docker creates one when the file to mount doesn't exist. Remove it.`
        : `${file} cannot be read. Correct its permissions.`,
    ])
  }
}

interface Ignored {
  name: string
  reason: string
}

/** A platform in compiler notation, starting with the processor. Conda's compilers export it as HOST. */
const PLATFORM = /^(x86_64|i[3-6]86|arm64|aarch64|armv\w+|ppc64le|powerpc64le|s390x|riscv64)-\w+(-\w+)?/i

/** Shells set HOST to the machine's name, with or without its domain. */
function isOwnName(host: string): boolean {
  const [name, domain] = hostname()
    .toLowerCase()
    .split(/\.(.*)/s)
  const [label, rest] = host.toLowerCase().split(/\.(.*)/s)
  return label === name && (!rest || !domain || rest === domain)
}

const AWS_KEY = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const

/** Removes half an access key of AWS, which is somebody else's unless the settings need one. */
function forgetHalfKey(environment: Environment): Ignored[] {
  const { LANDING_URL, SECRETS_FROM, ...values } = settingValues(environment)
  const isWhole = (values.AWS_ACCESS_KEY_ID === undefined) === (values.AWS_SECRET_ACCESS_KEY === undefined)
  if (isWhole || isS3Address(LANDING_URL) || SECRETS_FROM) return []
  return AWS_KEY.filter((name) => values[name] !== undefined).map((name) => {
    delete environment[name]
    delete environment[`${name}_FILE`]
    return { name, reason: 'an access key is both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.' }
  })
}

/** Removes variables that have a setting's name but come from a shell, a compiler or a container platform. */
function forgetForeign(environment: Environment): Ignored[] {
  const ignored: Ignored[] = []
  const forget = (name: string, reason: string) => {
    delete environment[name]
    ignored.push({ name, reason })
  }
  const { HOST } = environment
  if (HOST && (isOwnName(HOST) || PLATFORM.test(HOST))) {
    forget(
      'HOST',
      `${HOST} is this machine's name, not an address. To listen on another address than 127.0.0.1, set HOST in .env.`,
    )
  }
  // Kubernetes and Docker's links set <SERVICE>_PORT for each service that a container can reach.
  for (const name of ['PORT', 'ENGINE_PORT', 'SIMULATOR_PORT']) {
    if (/^(tcp|udp):\/\//.test(environment[name] ?? '')) forget(name, 'it is the address of a container service.')
  }
  for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy']) {
    if (/^socks/i.test(environment[name] ?? '')) forget(name, 'SOCKS proxies are not supported. Use an http proxy.')
  }
  // Connections are always verified, and the children don't inherit it.
  if (environment.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    forget('NODE_TLS_REJECT_UNAUTHORIZED', 'certificates are always checked. Add your own with NODE_EXTRA_CA_CERTS.')
  }
  return ignored
}
