import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from '@playwright/test'

const BUILD = join(import.meta.dirname, '..', '.next')

/** An issue code of zod, which no other file contains. */
const ZOD = 'invalid_type'

const read = (file: string) => readFileSync(join(BUILD, file), 'utf8')

test('no page names zod in its HTML: forms load it later', () => {
  const chunks = globSync('static/chunks/**/*.js', { cwd: BUILD }).filter((file) => read(file).includes(ZOD))
  const pages = globSync('server/app/**/page_client-reference-manifest.js', { cwd: BUILD })
  const loading = pages.filter((page) => chunks.some((chunk) => read(page).includes(basename(chunk))))
  expect(loading.map((page) => dirname(page).replace(/^server\/app/, ''))).toEqual([])
  expect(chunks.length).toBeGreaterThan(0)
  expect(pages.length).toBeGreaterThan(15)
})
