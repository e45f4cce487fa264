import { globSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { expect, test } from 'vitest'

const TABLE = join(import.meta.dirname, '..', 'docs', 'authorisation.md')
const OUTCOMES = new Set(['yes', 'own', 'open', 'start', 'overview', '401', '404'])

interface Rule {
  address: string
  /** For anonymous, listener, other, admin, engine. */
  outcomes: string[]
}

function readRules(): Rule[] {
  return readFileSync(TABLE, 'utf8')
    .split('\n')
    .filter((line) => /^\| (GET|POST|PUT|PATCH|DELETE) \|/.test(line))
    .map((line) => {
      const [method, path, ...outcomes] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
      return { address: `${method} ${path}`, outcomes }
    })
}

/** `(dashboard)/runs/[id]/page.tsx` is served as `/runs/[id]`. */
function pathOf(file: string): string {
  const folders = file.split(sep).slice(0, -1)
  return `/${folders.filter((folder) => !folder.startsWith('(')).join('/')}`
}

function methodsOf(file: string): string[] {
  const exported = readFileSync(join(import.meta.dirname, file), 'utf8').match(/^export .*$/gm) ?? []
  return [...new Set(exported.flatMap((line) => line.match(/\b(GET|POST|PUT|PATCH|DELETE)\b/g) ?? []))]
}

function servedAddresses(): string[] {
  const pages = globSync('**/page.tsx', { cwd: import.meta.dirname }).map((file) => `GET ${pathOf(file)}`)
  const routes = globSync('**/route.ts', { cwd: import.meta.dirname }).flatMap((file) =>
    methodsOf(file).map((method) => `${method} ${pathOf(file)}`),
  )
  return [...pages, ...routes]
}

test('docs/authorisation.md has one row per page and per method of a route', () => {
  const listed = readRules().map(({ address }) => address)
  expect(listed.sort()).toEqual(servedAddresses().sort())
})

test('every row has one known outcome per role', () => {
  for (const { address, outcomes } of readRules()) {
    expect(outcomes, address).toHaveLength(5)
    expect(
      outcomes.filter((outcome) => !OUTCOMES.has(outcome)),
      address,
    ).toEqual([])
  }
})
