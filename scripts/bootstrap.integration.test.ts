import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

let clone: string
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'tracklake-clone-'))
  mkdirSync(join(clone, 'scripts'))
  const scripts = ['bootstrap.mjs', 'inherited.mjs', 'start.mjs', 'stop-signals.mjs'].map((name) =>
    join('scripts', name),
  )
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
