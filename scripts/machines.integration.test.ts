import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { environmentWithoutSettings, removeTestFolder, startInstance } from '#testing/instances/instance.ts'
import { processesWith } from '#testing/instances/remaining.ts'
import { freePort } from './postgres.ts'

// An instance on a machine as others set theirs up: a user id without an account, and an environment full of variables that
// shells, compilers, container platforms and other programs export.

const SOON = { timeout: 90_000, interval: 50 }
const ROOT = join(import.meta.dirname, '..')

/** Has no entry in /etc/passwd, as in OpenShift and on many a NAS. Only root can start a process with it. */
const UID = 12_345
const isRoot = process.getuid?.() === 0

const SECRETS = {
  AWS_SECRET_ACCESS_KEY: 'secret-of-aws',
  GITHUB_TOKEN: 'secret-of-github',
  SNOWFLAKE_PASSWORD: 'secret-of-snowflake',
  RESTIC_PASSWORD: 'secret-of-restic',
}

const FOREIGN = {
  ...SECRETS,
  METRICS_TOKEN: 'secret-of-metrics-and-web',
  PGSSLMODE: 'require',
  PGHOST: 'database.invalid',
  PGUSER: 'somebody',
  PGOPTIONS: '-c search_path=elsewhere',
  PGDATA: '/nowhere',
  HOST: 'x86_64-conda-linux-gnu',
  LC_ALL: 'xx_XX.broken',
  LANG: 'xx_XX.broken',
  TZ: 'Nowhere/Land',
  TMPDIR: '/gone/with/the/session',
  LD_LIBRARY_PATH: '/opt/conda/lib',
  PYTHONHOME: '/opt/conda',
  DEBUG: '*',
  FORCE_COLOR: '3',
  CI: 'true',
  VERCEL: '1' as const,
  NEXT_RUNTIME: 'edge' as const,
  INNGEST_DEV: '1',
  NODE_OPTIONS: '--max-http-header-size=16384 --dns-result-order=ipv4first',
  NODE_TLS_REJECT_UNAUTHORIZED: '0',
}

describe.runIf(process.platform === 'linux')('on a strange machine', () => {
  let folder: string
  let data: string
  let service: ChildProcess
  let output = ''

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tracklake-machine-'))
    chmodSync(folder, 0o755)
    data = join(folder, 'data')
    mkdirSync(data)
    if (isRoot) {
      // As a volume of a container: it belongs to root, and its group may write.
      chownSync(data, 0, 0)
      chmodSync(data, 0o770)
    }
    const ports = { PORT: await freePort(), ENGINE_PORT: await freePort(), SIMULATOR_PORT: await freePort() }
    const settings = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]))
    const command = ['sh', '-c', 'umask 0777; exec "$0" scripts/serve.ts', process.execPath]
    const [file = '', ...args] = isRoot
      ? ['setpriv', `--reuid=${UID}`, '--regid=0', '--clear-groups', ...command]
      : command
    // Services often have no home.
    const { HOME: _, ...inherited } = environmentWithoutSettings()
    service = spawn(file, args, {
      cwd: ROOT,
      env: { ...inherited, NODE_ENV: 'production', ...FOREIGN, DATA_DIR: data, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [service.stdout, service.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    await vi.waitFor(() => expect(output).toContain('ready on'), SOON)
  })

  afterAll(async () => {
    if (service.exitCode === null) {
      service.kill('SIGTERM')
      await once(service, 'exit')
    }
    for (const pid of processesWith(folder)) process.kill(pid, 'SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  function pidOf(name: string): number {
    if (name === 'postgres')
      return Number.parseInt(readFileSync(join(data, 'postgres/data/postmaster.pid'), 'utf8'), 10)
    return (JSON.parse(readFileSync(join(data, 'run', `${name}.json`), 'utf8')) as { pid: number }).pid
  }

  function environmentOf(name: string): Record<string, string> {
    const entries = readFileSync(`/proc/${pidOf(name)}/environ`, 'utf8')
      .split('\0')
      .filter(Boolean)
    return Object.fromEntries(
      entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    )
  }

  test('starts with a user id without an account and with unrelated variables', async () => {
    expect(output).toMatch(/HOST is ignored: x86_64-conda-linux-gnu is this machine's name/)
    expect(output).toContain('NODE_TLS_REJECT_UNAUTHORIZED is ignored')
    const origin = /ready on (\S+)/.exec(output)?.[1]
    expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:/)
    await vi.waitFor(async () => {
      expect(await (await fetch(`${origin}/api/health`)).json()).toMatchObject({ status: 'ok' })
    }, SOON)
    if (isRoot)
      expect(readFileSync(`/proc/${pidOf('postgres')}/status`, 'utf8')).toMatch(new RegExp(`Uid:\\s+${UID}\\b`))
  })

  test.for(['postgres', 'engine', 'simulator', 'web'])('%s only gets the secrets it needs', (name) => {
    const environment = environmentOf(name)
    const values = JSON.stringify(environment)
    for (const secret of Object.values(SECRETS)) expect(values).not.toContain(secret)
    expect(values.includes(FOREIGN.METRICS_TOKEN)).toBe(name === 'web')
    expect('TRACKLAKE_KEY' in environment).toBe(name === 'web')
    expect('NEXTAUTH_SECRET' in environment).toBe(name === 'web')
    expect('DATABASE_URL' in environment).toBe(name === 'web' || name === 'engine')
    expect('SPOTIFY_CLIENT_SECRET' in environment).toBe(name === 'web' || name === 'simulator')
  })

  test.for(['postgres', 'engine', 'simulator', 'web'])('%s gets no variable meant for other programs', (name) => {
    const environment = environmentOf(name)
    const inherited = Object.entries(FOREIGN).filter(([key, value]) => environment[key] === value)
    expect(inherited.map(([key]) => key).filter((key) => key !== 'METRICS_TOKEN')).toEqual([])
    if (name === 'postgres') {
      expect(
        Object.keys(environment)
          .filter((key) => !['PATH', 'LC_ALL', 'NODE_ENV'].includes(key))
          .sort(),
      ).toEqual([])
    } else {
      expect(environment).toMatchObject({ TZ: 'UTC', NODE_OPTIONS: '--dns-result-order=ipv4first' })
      expect([environment.HOME, environment.TMPDIR]).toEqual([join(data, 'tmp'), join(data, 'tmp')])
    }
  })
})

test('the web process reaches remote servers through the proxy and local processes directly', async () => {
  const requested: string[] = []
  const proxy = createServer((_, response) => response.writeHead(405).end())
  proxy.on('connect', (request, client) => {
    requested.push(request.url ?? '')
    client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const { port } = proxy.address() as AddressInfo
  const instance = await startInstance({
    DEMO: '0',
    // Would make the supervisor's own health check go through the proxy, too.
    NODE_USE_ENV_PROXY: '1',
    HTTP_PROXY: `http://127.0.0.1:${port}`,
    INNGEST_BASE_URL: 'http://inngest.example:8288',
    INNGEST_EVENT_KEY: 'aa'.repeat(32),
    INNGEST_SIGNING_KEY: 'bb'.repeat(32),
  })
  try {
    await instance.printed('ready on')
    await vi.waitFor(() => expect(requested).toContain('inngest.example:8288'), SOON)
    expect(requested.filter((host) => !host.startsWith('inngest.example'))).toEqual([])
  } finally {
    await instance.stop()
    removeTestFolder(instance.dataFolder)
    proxy.close()
  }
})
