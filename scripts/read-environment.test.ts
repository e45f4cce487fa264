import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readEnvironment } from './read-environment.ts'

let folder: string
let printed: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracklake-env-'))
  printed = []
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

function read(environment: Record<string, string>, content = '') {
  const file = join(folder, '.env')
  writeFileSync(file, content)
  const inherited: Record<string, string | undefined> = { ...environment }
  return { settings: readEnvironment(inherited, file), inherited }
}

test('the environment wins over the file', () => {
  expect(read({ PORT: '4000' }, 'PORT=5000\nADMINS=ada').settings).toMatchObject({ PORT: 4000, ADMINS: ['ada'] })
})

test.for([hostname(), `${hostname()}.example.org`, 'x86_64-conda-linux-gnu', 'arm64-apple-darwin20.0.0'])(
  'ignores HOST=%s from a shell or compiler with a message, and uses HOST from the file',
  (HOST) => {
    expect(read({ HOST }).settings.HOST).toBe('127.0.0.1')
    expect(printed).toEqual([expect.stringMatching(/^HOST is ignored: .* is this machine's name/)])
    expect(read({ HOST }, 'HOST=0.0.0.0').settings.HOST).toBe('0.0.0.0')
    expect(printed).toHaveLength(1)
  },
)

test('ignores service addresses that Kubernetes exports as ports', () => {
  const { settings } = read({ PORT: 'tcp://10.96.0.1:80', ENGINE_PORT: 'tcp://10.96.0.2:80' })
  expect(settings).toMatchObject({ PORT: 3000, ENGINE_PORT: 3001 })
})

test('ignores half an access key of AWS, unless it is needed', () => {
  const { inherited, settings } = read({ AWS_SECRET_ACCESS_KEY: 'hidden' })
  expect(inherited).not.toHaveProperty('AWS_SECRET_ACCESS_KEY')
  expect(settings.AWS_SECRET_ACCESS_KEY).toBeUndefined()
  expect(printed).toEqual([expect.stringMatching(/^AWS_SECRET_ACCESS_KEY is ignored: an access key is both/)])
  expect(() => read({ AWS_SECRET_ACCESS_KEY: 'hidden', LANDING_URL: 's3://bucket' })).toThrow(
    'AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not.',
  )
  expect(read({ AWS_SECRET_ACCESS_KEY: 'hidden', AWS_ACCESS_KEY_ID: 'id' }).inherited).toMatchObject({
    AWS_SECRET_ACCESS_KEY: 'hidden',
  })
})

test('removes variables for psql, and prints those the operator may have meant', () => {
  const variables = { PGSSLMODE: 'require', PGPASSWORD: 'hidden', PGOPTIONS: '-c x=y' }
  const own = read({ ...variables, DATABASE_URL: 'postgresql://u@host/x' })
  expect(own.settings.DATABASE_URL).toBe('postgresql://u@host/x?sslmode=require')
  expect(Object.keys(own.inherited).filter((name) => name.startsWith('PG'))).toEqual([])
  expect(printed).toEqual([
    'PGPASSWORD is ignored: it is meant for psql. Put everything into DATABASE_URL.',
    'PGOPTIONS is ignored: it is meant for psql. Put everything into DATABASE_URL.',
  ])
  printed = []
  read(variables)
  expect(printed).toEqual([])
})

test('ignores a SOCKS proxy with a message', () => {
  expect(read({ ALL_PROXY: 'socks5://proxy:1080' }).settings.HTTPS_PROXY).toBeUndefined()
  expect(printed).toEqual(['ALL_PROXY is ignored: SOCKS proxies are not supported. Use an http proxy.'])
})

test('refuses a folder in place of the file and explains why', () => {
  expect(() => readEnvironment({}, folder)).toThrow(
    "is a folder. Docker creates one when the file to mount doesn't exist",
  )
})

test('a bad file is refused with its name and line', () => {
  expect(() => read({}, 'PORT=3000\nADMINS=“ada”')).toThrow(
    /\.env, line 2: the value of ADMINS has a typographic quote/,
  )
})
