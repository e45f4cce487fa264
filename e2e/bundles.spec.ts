import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from '@playwright/test'

const BUILD = join(import.meta.dirname, '..', '.next')

/** An issue code of zod, which no other file contains. */
const ZOD = 'invalid_type'

const read = (file: string) => readFileSync(join(BUILD, file), 'utf8')

test('only pages with a form load zod', () => {
  const chunks = globSync('static/chunks/**/*.js', { cwd: BUILD }).filter((file) => read(file).includes(ZOD))
  const pages = globSync('server/app/**/page_client-reference-manifest.js', { cwd: BUILD })
  const loading = pages.filter((page) => chunks.some((chunk) => read(page).includes(basename(chunk))))
  expect(loading.map((page) => dirname(page).replace(/^server\/app/, '')).sort()).toEqual([
    '/(dashboard)/admin',
    '/(dashboard)/connections/snowflake',
    '/(dashboard)/connections/spotify-app',
    '/(dashboard)/settings',
    '/setup',
    '/sign-in',
  ])
  expect(pages.length).toBeGreaterThan(15)
})
