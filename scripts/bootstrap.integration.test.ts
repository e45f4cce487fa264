import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

test('an installation that fails ends with the command, the cause and a remedy', () => {
  const clone = mkdtempSync(join(tmpdir(), 'tracklake-clone-'))
  mkdirSync(join(clone, 'scripts'))
  for (const file of ['package.json', 'package-lock.json', 'scripts/bootstrap.mjs', 'scripts/start.mjs']) {
    cpSync(join(ROOT, file), join(clone, file))
  }
  const { status, stderr } = spawnSync(process.execPath, [join(clone, 'scripts', 'start.mjs')], {
    encoding: 'utf8',
    // Nobody listens there, and nothing may come out of the cache of this machine.
    env: {
      ...process.env,
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_fetch_retries: '0',
      npm_config_cache: join(clone, 'npm-cache'),
    },
  })
  rmSync(clone, { recursive: true })
  expect(stderr).toMatch(/`npm ci .*` failed \(exit code 1\)\. Check that `npm ping` reaches the registry/)
  expect(status).toBe(1)
})
