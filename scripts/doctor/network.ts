import { connect } from 'node:net'
import { MINUTE, SECOND } from '#lib/core/clock.ts'
import { spotifyUrls } from '#lib/core/config.ts'
import { Failure, messageOf } from '#lib/core/errors.ts'
import { isS3Address, s3Location } from '#lib/core/s3-address.ts'
import { openBucket } from '#lib/s3/bucket.ts'
import { checkBucket } from '#lib/s3/check.ts'
import { instanceBucket } from '#lib/s3/instance.ts'
import { normalizeAccount } from '#lib/warehouse/snowflake/setup/account.ts'
import { type Check, type Finding, ok, problem, skipped, warning } from './report.ts'
import type { Situation } from './situation.ts'

const DEADLINE_MS = 8 * SECOND
const REGISTRY = 'https://registry.npmjs.org/'
// Signatures between the app and Inngest are valid for five minutes.
const CLOCK = { warningMs: 30 * SECOND, problemMs: 5 * MINUTE }

/** @param accounts the Snowflake accounts of listeners; undefined when they aren't known */
export function networkChecks(situation: Situation, accounts: () => Promise<string[] | undefined>): Check[] {
  const spotify = once(() => reach(`${spotifyUrls().accounts}/`))
  const registry = once(() => reach(process.env.npm_config_registry || REGISTRY))
  return [
    { name: 'proxy', find: () => proxy(situation) },
    { name: 'Spotify', find: () => spotifyReachable(situation, spotify) },
    { name: 'registry', find: () => registryReachable(registry) },
    { name: 'clock', find: async () => clock(await Promise.all([spotify(), registry()])) },
    { name: 'Snowflake', find: async () => snowflake(situation, await accounts()) },
    ...(isS3Address(situation.settings.LANDING_URL) ? [landingBucket(situation.settings.LANDING_URL)] : []),
  ]
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => {
    result ??= work()
    return result
  }
}

/** Any response counts as reached. */
interface Reached {
  address: string
  status?: number
  /** How far this machine's clock is ahead of the server's, whose header is precise to a second. */
  aheadMs?: number
  error?: string
}

async function reach(address: string): Promise<Reached> {
  const { host } = new URL(address)
  const sent = Date.now()
  try {
    const response = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(DEADLINE_MS) })
    const received = Date.now()
    await response.body?.cancel()
    const date = Date.parse(response.headers.get('date') ?? '')
    const aheadMs = Number.isNaN(date) ? undefined : (sent + received) / 2 - (date + SECOND / 2)
    return { address: host, status: response.status, aheadMs }
  } catch (error) {
    return { address: host, error: reasonOf(error) }
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message
  return messageOf(error)
}

const CHECK_NETWORK = 'Check the DNS and the firewall of this machine, and HTTPS_PROXY if it is behind a proxy.'

async function spotifyReachable({ mode, isRunning }: Situation, accounts: () => Promise<Reached>): Promise<Finding> {
  if (mode().name === 'demo' && isRunning) return skipped('simulated in the demo')
  const results = await Promise.all([accounts(), reach(spotifyUrls().api)])
  const lost = results.find(({ error }) => error !== undefined)
  const names = results.map(({ address }) => address).join(' and ')
  if (!lost) return ok(`${names} respond`)
  const detail = `${lost.address} can't be reached: ${lost.error}`
  return mode().name === 'demo'
    ? warning(`${detail}; the demo doesn't need it`, CHECK_NETWORK)
    : problem(detail, CHECK_NETWORK)
}

async function registryReachable(registry: () => Promise<Reached>): Promise<Finding> {
  const { address, error } = await registry()
  if (error === undefined) return ok(`${address} responds`)
  return warning(`${address} can't be reached: ${error}. Only updates need it`, CHECK_NETWORK)
}

function clock(reached: Reached[]): Finding {
  const ahead = reached.flatMap(({ aheadMs }) => aheadMs ?? [])
  const [first] = ahead.sort((a, b) => Math.abs(a) - Math.abs(b))
  if (first === undefined) return skipped('no server responded with its time')
  const seconds = Math.round(Math.abs(first) / SECOND)
  if (Math.abs(first) < CLOCK.warningMs) return ok('agrees with other servers')
  const detail = `${seconds} s ${first > 0 ? 'ahead' : 'behind'}`
  const remedy = 'Turn on time synchronization, for example: timedatectl set-ntp true'
  return Math.abs(first) < CLOCK.problemMs ? warning(detail, remedy) : problem(detail, remedy)
}

async function proxy({ settings }: Situation): Promise<Finding> {
  const names = (['HTTPS_PROXY', 'HTTP_PROXY'] as const).filter((name) => settings[name])
  const [name] = names
  if (name === undefined) return ok('none')
  const { hostname, port, protocol } = new URL(settings[name] ?? '')
  const number = Number(port || (protocol === 'https:' ? 443 : 80))
  const detail = `${hostname}:${number} (${names.join(', ')})`
  const error = await connectTo(hostname.replace(/^\[|\]$/g, ''), number)
  return error === undefined
    ? ok(detail)
    : problem(`${detail} can't be reached: ${error}`, `Correct ${name}, or remove it.`)
}

/** @returns why it failed */
function connectTo(host: string, port: number): Promise<string | undefined> {
  return new Promise((done) => {
    const socket = connect({ host, port })
    const end = (error?: string) => {
      socket.destroy()
      done(error)
    }
    socket.setTimeout(DEADLINE_MS, () => end('no response'))
    socket.on('connect', () => end())
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}

/** Reports how many can be reached, but not which accounts. */
async function snowflake({ settings }: Situation, accounts: string[] | undefined): Promise<Finding> {
  if (accounts === undefined) return skipped('not checked: see Postgres')
  if (accounts.length === 0) return skipped('none connected')
  const results = await Promise.all(accounts.map((account) => reach(addressOf(account, settings.SNOWFLAKE_ENDPOINT))))
  const lost = results.filter(({ error }) => error !== undefined)
  if (lost.length === 0) return ok(`${results.length} of ${results.length} accounts respond`)
  return problem(`${lost.length} of ${results.length} accounts can't be reached: ${lost[0]?.error}`, CHECK_NETWORK)
}

function addressOf(account: string, endpoint: string | undefined): string {
  const normalized = normalizeAccount(account)
  return endpoint ?? `https://${normalized.ok ? normalized.host : account}/`
}

/** Waiting for a bucket that is away takes the SDK this long. */
const BUCKET_DEADLINE_MS = 90 * SECOND

/** Whether the bucket of the landing zone allows and does what is needed. */
function landingBucket(address: string): Check {
  return {
    name: 'S3',
    deadlineMs: BUCKET_DEADLINE_MS,
    async find() {
      const { bucket: name, prefix } = s3Location(address)
      const bucket = openBucket(instanceBucket(name))
      try {
        const { versioning, advice } = await checkBucket(bucket, prefix)
        const detail = `${name} can be used${versioning === 'off' ? '' : '; it keeps earlier versions'}`
        return advice ? warning(`${detail}: ${advice.message}`, advice.remedy) : ok(detail)
      } catch (error) {
        if (error instanceof Failure) return problem(error.message, error.remedy)
        throw error
      } finally {
        bucket.close()
      }
    },
  }
}
