import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

let clone: string
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'tracklake-clone-'))
  mkdirSync(join(clone, 'scripts'))
  const scripts = [
    'bootstrap.mjs',
    'inherited.mjs',
    'install.mjs',
    'start.mjs',
    'steps.mjs',
    'stop-signals.mjs',
    'strip-types.mjs',
  ].map((name) => join('scripts', name))
  for (const file of ['package.json', 'package-lock.json', ...scripts]) {
    cpSync(join(ROOT, file), join(clone, file))
  }
})
afterEach(() => rmSync(clone, { recursive: true }))

function start() {
  return spawnSync(process.execPath, [join(clone, 'scripts', 'start.mjs')], {
    encoding: 'utf8',
    // Nothing listens there, and the npm cache is empty.
    env: {
      ...process.env,
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_fetch_retries: '0',
      npm_config_cache: join(clone, 'npm-cache'),
    },
  })
}

test('a failed installation prints the command, the cause and a remedy', () => {
  const { status, stderr } = start()
  expect(stderr).toMatch(/`npm ci .*` failed \(exit code 1\)\. Check that `npm ping` reaches the registry/)
  expect(status).toBe(1)
})

test('a lock without the packages of this platform is refused before the installation', () => {
  const here = `${process.platform}-${process.arch}`
  const path = join(clone, 'package-lock.json')
  const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, object> }
  const kept = Object.entries(lock.packages).filter(([name]) => !name.includes(`@next/swc-${here}`))
  // The file that is copied may be read-only.
  rmSync(path)
  writeFileSync(path, JSON.stringify({ ...lock, packages: Object.fromEntries(kept) }))
  const { status, stdout, stderr } = start()
  expect(stderr).toMatch(
    new RegExp(`^package-lock.json is incomplete for ${here}: @next/swc-.* is missing\\. Restore the file from git\\.`),
  )
  expect(stdout).not.toContain('installing')
  expect(status).toBe(1)
})

test.runIf(process.platform !== 'win32')(
  'npm and the build tools get no secrets and nothing that changes their behavior',
  () => {
    const bin = join(clone, 'bin')
    mkdirSync(bin)
    const dump = (name: string) =>
      `import fs from 'node:fs'; fs.writeFileSync('${join(clone, name)}.json', JSON.stringify(process.env))`
    // Installs tools that write down their environment.
    const installation = `#!${process.execPath}
    const fs = require('node:fs')
    fs.writeFileSync('${join(clone, 'npm.json')}', JSON.stringify(process.env))
    for (const folder of ['.bin', 'prisma/build', 'next/dist/bin']) fs.mkdirSync('node_modules/' + folder, { recursive: true })
    fs.symlinkSync(process.execPath, 'node_modules/.bin/node')
    fs.writeFileSync('node_modules/prisma/build/index.js', ${JSON.stringify(dump('generate'))})
    fs.writeFileSync('node_modules/next/dist/bin/next', ${JSON.stringify(dump('build'))})
    fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json')`
    // In a module's package, a script without an ending would be a module.
    writeFileSync(join(bin, 'package.json'), '{"type":"commonjs"}')
    writeFileSync(join(bin, 'npm'), installation, { mode: 0o755 })
    const secrets = { TRACKLAKE_KEY: 'secret-1', DATABASE_URL: 'secret-2', SPOTIFY_CLIENT_SECRET: 'secret-3' }
    const others = { NPM_TOKEN: 'secret-of-npm', AWS_SECRET_ACCESS_KEY: 'secret-of-aws' }
    const { status, stderr } = spawnSync(process.execPath, [join(clone, 'scripts', 'start.mjs'), '--build'], {
      encoding: 'utf8',
      env: {
        // `npm test` tells its scripts where its own cache is.
        ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))),
        NODE_ENV: process.env.NODE_ENV,
        ...secrets,
        ...others,
        PATH: `${bin}${delimiter}${process.env.PATH}`,
        HOME: '/nonexistent',
        PGSSLMODE: 'require',
        npm_config_global: 'true',
        NODE_OPTIONS: '--max-http-header-size=16384',
      },
    })
    expect([status, stderr]).toEqual([0, ''])
    const environmentOf = (name: string) =>
      JSON.parse(readFileSync(join(clone, `${name}.json`), 'utf8')) as Record<string, string>
    for (const name of ['npm', 'generate', 'build']) {
      const values = Object.values(environmentOf(name))
      expect([name, values.filter((value) => Object.values(secrets).includes(value))]).toEqual([name, []])
      expect(environmentOf(name)).not.toHaveProperty('PGSSLMODE')
      expect(environmentOf(name).NODE_OPTIONS ?? '').toBe('')
    }
    // .npmrc may refer to any variable.
    const npm = environmentOf('npm')
    expect(npm).toMatchObject({ NPM_TOKEN: others.NPM_TOKEN, npm_config_cache: join(clone, '.cache', 'npm') })
    expect(npm).not.toHaveProperty('npm_config_global')
    for (const name of ['npm', 'generate', 'build']) expect(environmentOf(name).HOME).toBe(join(clone, '.cache'))
    for (const name of ['generate', 'build']) expect(Object.values(environmentOf(name))).not.toContain(others.NPM_TOKEN)
    expect(environmentOf('build').NODE_ENV).toBe('production')
  },
)
