import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { requestedScopes } from '#lib/streams/index.ts'
import { isScope } from '#simulator/accounts/consent-page.ts'

/** Compares facts in the documents with the code. */

const ROOT = join(import.meta.dirname, '..')
const DOCUMENTS = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: ROOT })]

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

/** The first cell of each row of the document's first table with this heading. */
function firstCells(file: string, heading: string): string[] {
  const [, table = ''] = read(file).split(`\n| ${heading} |`)
  const rows = table.split('\n').slice(2)
  const end = rows.findIndex((row) => !row.startsWith('|'))
  return rows.slice(0, end).map((row) => row.split('|')[1]?.trim() ?? '')
}

/** The settings for the operator: the first half of the schema in lib/core/config.ts. */
function personalSettings(): string[] {
  const [, shape = ''] = read('lib/core/config.ts').split('const Settings = z.object({')
  const [half = ''] = shape.split('// Passed down')
  return [...half.matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map(([, name = '']) => name)
}

test('docs/settings.md has one row for each setting', () => {
  const rows = firstCells('docs/settings.md', 'Name').flatMap((cell) => cell.split(', '))
  expect(rows.length).toBeGreaterThan(20)
  expect(rows.toSorted()).toEqual([...personalSettings(), 'INNGEST_SERVE_ORIGIN'].toSorted())
})

test('the simulated Spotify knows every scope that is asked for', () => {
  expect(requestedScopes.filter((scope) => !isScope(scope))).toEqual([])
})

/** The anchors of a page's headings, as GitHub forms them. */
function anchorsOf(file: string): string[] {
  return [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  )
}

describe.for(DOCUMENTS)('%s', (file) => {
  test('links to what exists', () => {
    const links = [...read(file).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
    const broken = links.filter(([, path, anchor]) => {
      const target = path ? join(dirname(file), path) : file
      if (!existsSync(join(ROOT, target))) return true
      return anchor !== undefined && !anchorsOf(target).includes(anchor)
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })

  test('names files that exist', () => {
    const paths = [
      ...read(file).matchAll(/`((?:app|lib|inngest|scripts|simulator|testing|e2e|prisma|docs)\/[\w()[\]./-]+)`/g),
    ]
    expect(paths.map(([, path = '']) => path).filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })
})
