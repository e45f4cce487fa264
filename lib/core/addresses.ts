import { isIPv6 } from 'node:net'

/** Parses addresses in settings once, when they are read. Errors never repeat an address. */

/** Why an address isn't accepted, as the end of a sentence. Begins with "must" or "can't". */
export class AddressProblem extends Error {}

/**
 * An http or https address in its normal form, without a slash at the end.
 *
 * @param part `origin` accepts protocol, host and port alone; `path` also what follows
 * @throws AddressProblem
 */
export function webAddress(text: string, what: string, part: 'origin' | 'path'): string {
  if (!/^https?:\/\//i.test(text)) throw new AddressProblem(`must be ${what}, starting with http:// or https://`)
  const url = URL.parse(text)
  if (!url) throw new AddressProblem(`must be ${what}, for example https://music.example.com:8443`)
  if (url.username || url.password) throw new AddressProblem("can't contain a user name or password")
  if (text.includes('?') || text.includes('#')) throw new AddressProblem("can't contain a question mark or a #")
  refusePortZero(url)
  if (['0.0.0.0', '[::]'].includes(url.hostname)) {
    throw new AddressProblem('must name one host: 0.0.0.0 and :: stand for all addresses of a machine')
  }
  const path = url.pathname.replace(/\/+$/, '')
  if (part === 'origin' && path !== '') {
    throw new AddressProblem('must end after the host and port: paths are not supported')
  }
  return `${url.origin}${path}`
}

function refusePortZero({ port }: URL): void {
  if (port === '0') throw new AddressProblem("can't have the port 0")
}

const ENCODE =
  'has a user name or password with a special character. Write # as %23, / as %2F, ? as %3F, @ as %40, : as %3A and % as %25'

interface Parts {
  /** With `:` between user and password, encoded; empty if there is none. */
  login: string
  host: string
  rest: string
}

/**
 * Splits an address that may contain a login. `URL` alone would mistake the end of an unencoded password for a host,
 * path or parameter.
 */
function split(text: string): Parts {
  const authority = /^[a-z]+:\/\/([^/?#]*)/i.exec(text)?.[1] ?? ''
  const rest = text.slice(text.indexOf('://') + 3 + authority.length)
  if (rest.includes('@') || rest.includes('#')) throw new AddressProblem(ENCODE)
  const end = authority.lastIndexOf('@')
  return { login: encoded(authority.slice(0, Math.max(end, 0))), host: authority.slice(end + 1), rest }
}

/** Encodes stray % signs and other special characters. */
function encoded(login: string): string {
  const text = login.replace(/%(?![0-9a-f]{2})/gi, '%25').replaceAll('@', '%40')
  try {
    decodeURIComponent(text)
    return text
  } catch {
    throw new AddressProblem(ENCODE)
  }
}

function refuseBadHost(host: string, example: string): void {
  if (host.includes(',')) throw new AddressProblem('must have one host: several are not supported')
  const name = host.replace(/:\d*$/, '')
  const port = /:(\d*)$/.exec(host)?.[1]
  const isName = /^[\p{L}\p{N}._-]+$/u.test(name) || /^%2f/i.test(name)
  if (!isName && !(name.startsWith('[') && isIPv6(name.slice(1, -1)))) throw new AddressProblem(`must be ${example}`)
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) {
    throw new AddressProblem('must have a port between 1 and 65535')
  }
}

/** The parameters that a database address may have. The `pg` package reads all but those in the last line. */
const DATABASE_PARAMETERS = [
  ['host', 'port', 'user', 'password', 'application_name', 'options', 'client_encoding'],
  ['ssl', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslnegotiation', 'uselibpqcompat'],
  ['connection_limit', 'connect_timeout'],
].flat()

/** Other parameters whose listed values have no effect here, and the remedy for any other value. */
const WITHOUT_EFFECT: Record<string, { values: string[]; remedy: string }> = {
  schema: { values: ['public'], remedy: 'Tracklake uses the schema public of its own database' },
  pgbouncer: {
    values: ['false'],
    remedy:
      "locks don't work through a pooler in transaction mode. Use its session mode, or connect to Postgres directly",
  },
  channel_binding: {
    values: ['prefer', 'disable'],
    remedy: 'channel binding is not supported. Remove it, and use sslmode=verify-full to verify the server',
  },
}

/** With fewer connections, requests could deadlock. */
const LEAST: Record<string, number> = { connection_limit: 5, connect_timeout: 1 }

const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify']
const DATABASE_EXAMPLE = 'a Postgres address, for example postgresql://user:password@host:5432/tracklake'

/**
 * The parameters that correspond to the environment variables that secure a connection. The `pg` package reads these
 * too.
 */
const PROTECTION = {
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
}

/**
 * Adds the PGSSL… variables to the address unless it already sets TLS parameters. No other PG… variable counts, but
 * without these an instance that relied on them would connect unencrypted.
 */
export function withProtection(address: string, environment: Record<string, string | undefined>): string {
  const url = new URL(address)
  if (url.searchParams.has('ssl') || url.searchParams.has('sslmode')) return address
  for (const [name, variable] of Object.entries(PROTECTION)) {
    const value = environment[variable]
    if (value && !url.searchParams.has(name)) url.searchParams.set(name, value)
  }
  return url.href
}

/**
 * Normalizes a database address so that every package reads it the same way. The socket folder of `?host=` stays a
 * parameter.
 *
 * @throws AddressProblem, also for a parameter that would be ignored
 */
export function databaseAddress(text: string): string {
  if (!/^postgres(ql)?:\/\//i.test(text)) throw new AddressProblem(`must be ${DATABASE_EXAMPLE}`)
  if (/\s/.test(text)) throw new AddressProblem(ENCODE)
  const { login, host, rest } = split(text)
  const [path = '', query = ''] = rest.split('?')
  const params = new URLSearchParams(query)
  refuseParameters(params)
  const mode = params.get('sslmode')
  if (mode && !SSL_MODES.includes(mode)) throw new AddressProblem(`must set sslmode to one of ${SSL_MODES.join(', ')}`)
  const server = host === '' || host.startsWith(':') ? `localhost${host}` : host
  refuseBadHost(server, DATABASE_EXAMPLE)
  const parameters = params.size > 0 ? `?${params}` : ''
  const address = `postgresql://${login === '' ? '' : `${login}@`}${server}${path}${parameters}`
  if (!URL.canParse(address)) throw new AddressProblem(`must be ${DATABASE_EXAMPLE}`)
  return address
}

function refuseParameters(params: URLSearchParams): void {
  for (const [name, value] of [...params]) {
    const harmless = WITHOUT_EFFECT[name]
    if (harmless?.values.includes(value)) params.delete(name)
    else if (harmless) throw new AddressProblem(`can't contain ${name}=${value}: ${harmless.remedy}`)
    else if (!DATABASE_PARAMETERS.includes(name)) {
      throw new AddressProblem(`contains the parameter ${name}, which Tracklake doesn't know. Remove it`)
    } else if (LEAST[name] && !(/^\d{1,4}$/.test(value) && Number(value) >= LEAST[name])) {
      throw new AddressProblem(`must set ${name} to a whole number of at least ${LEAST[name]}`)
    }
  }
}

const CONNECT_TIMEOUT_SECONDS = 10

/** What the `pg` package doesn't read: the size of the pool and the connection timeout. */
export function connectionLimits(address: string): { max: number | undefined; connectTimeoutMs: number } {
  const params = URL.parse(address)?.searchParams
  const max = params?.get('connection_limit')
  return {
    max: max ? Number(max) : undefined,
    connectTimeoutMs: Number(params?.get('connect_timeout') ?? CONNECT_TIMEOUT_SECONDS) * 1000,
  }
}

/** The database and the server of an address, for messages: never the login. */
export function describeDatabase(address: string): { database: string; server: string } {
  const { pathname, host, searchParams } = new URL(address)
  return { database: decodeURIComponent(pathname.slice(1)), server: searchParams.get('host') ?? host }
}

/** A proxy's address with a protocol, which proxy settings often lack. @throws AddressProblem */
export function proxyAddress(text: string): string {
  const example = 'an http proxy, for example http://user:password@proxy.example.com:3128'
  const address = text.includes('://') ? text : `http://${text}`
  if (/^socks/i.test(text)) throw new AddressProblem("can't be a SOCKS proxy: only http proxies are supported")
  if (!/^https?:\/\//i.test(address) || /\s/.test(address)) throw new AddressProblem(`must be ${example}`)
  const { login, host, rest } = split(address)
  refuseBadHost(host, example)
  if (!/^\/?$/.test(rest)) throw new AddressProblem('must end after the host and port')
  const url = URL.parse(`${/^https/i.test(address) ? 'https' : 'http'}://${login === '' ? '' : `${login}@`}${host}`)
  if (!url) throw new AddressProblem(`must be ${example}`)
  return url.href
}

/** A mail server's address whose login is encoded. @throws AddressProblem */
export function mailAddress(text: string): string {
  const example = 'a mail server, for example smtps://user:password@smtp.example.com:465'
  const protocol = /^smtps?:\/\//i.exec(text)?.[0].toLowerCase()
  if (!protocol || /\s/.test(text)) throw new AddressProblem(`must be ${example}`)
  const { login, host, rest } = split(text)
  refuseBadHost(host, example)
  if (!/^\/?(\?|$)/.test(rest))
    throw new AddressProblem('must end after the host and port, or with parameters after a ?')
  return `${protocol}${login === '' ? '' : `${login}@`}${host}${rest}`
}
