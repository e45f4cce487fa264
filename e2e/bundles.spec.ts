import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { nameOf, open, PAGES } from './every-page.ts'
import { expect, test } from './fixtures.ts'

/** How much script pages need. */

const BUILD = join(import.meta.dirname, '..', '.next')

/** An issue code of zod, which no other file contains. */
const ZOD = 'invalid_type'

/** Kilobytes, each file gzipped by itself. */
const MAX_NAMED_KB = 250
const MAX_LOADED_KB = 350

const read = (file: string) => readFileSync(join(BUILD, file), 'utf8')

test('no page names zod in its HTML: forms load it later', () => {
  const chunks = globSync('static/chunks/**/*.js', { cwd: BUILD }).filter((file) => read(file).includes(ZOD))
  const pages = globSync('server/app/**/page_client-reference-manifest.js', { cwd: BUILD })
  const loading = pages.filter((page) => chunks.some((chunk) => read(page).includes(basename(chunk))))
  expect(loading.map((page) => dirname(page).replace(/^server\/app/, ''))).toEqual([])
  expect(chunks.length).toBeGreaterThan(0)
  expect(pages.length).toBeGreaterThan(15)
})

/** The files of some scripts by their addresses, each once. */
function filesOf(addresses: string[]): string[] {
  const paths = addresses.map((address) => new URL(address, 'http://localhost').pathname)
  return [...new Set(paths.filter((path) => path.startsWith('/_next/static/')))]
}

function kilobytes(files: string[]): number {
  const bytes = files.map((file) => gzipSync(readFileSync(join(BUILD, file.replace('/_next/', '')))).length)
  return Math.round(bytes.reduce((sum, size) => sum + size, 0) / 1000)
}

/** What current browsers load before the page reacts: `nomodule` scripts are for others. */
function namedIn(html: string): string[] {
  const tags = html.match(/<script\b[^>]*>/g) ?? []
  return tags.flatMap((tag) => (/\bnomodule\b/i.test(tag) ? [] : (/\bsrc="([^"]+)"/.exec(tag)?.[1] ?? [])))
}

for (const one of PAGES) {
  test(`${nameOf(one)} names at most ${MAX_NAMED_KB} kB of scripts, and loads little more later`, async ({
    pageOf,
    emptyPage,
  }) => {
    const page = await (one.as ? pageOf(one.as) : emptyPage())
    const loaded: string[] = []
    page.on('request', (request) => {
      if (request.resourceType() === 'script') loaded.push(request.url())
    })
    await open(page, one)
    loaded.length = 0
    const response = page.waitForResponse((candidate) => candidate.request().isNavigationRequest())
    await page.reload({ waitUntil: 'networkidle' })
    const named = filesOf(namedIn(await (await response).text()))
    // What is drawn when it comes into view.
    await page.mouse.wheel(0, 20_000)
    await page.waitForLoadState('networkidle')
    const all = filesOf([...named, ...loaded])
    expect.soft(kilobytes(named), all.join('\n')).toBeLessThanOrEqual(MAX_NAMED_KB)
    expect.soft(kilobytes(all), all.join('\n')).toBeLessThanOrEqual(MAX_LOADED_KB)
    expect(named.length).toBeGreaterThan(3)
  })
}
