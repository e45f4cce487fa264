import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { endpoints } from './index.ts'
import { openApi } from './openapi.ts'

const document = openApi({ server: 'https://tracklake.example', version: '0.0.0', sessionCookie: 'cookie' })

test('an independent validator takes the document as OpenAPI 3.1', async () => {
  const validator = new Validator()
  const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(document)))
  expect(errors).toBeUndefined()
  expect(valid).toBe(true)
  expect(validator.version).toBe('3.1')
})

test('charts name the parameters that they take', () => {
  for (const path of ['/api/charts', '/api/charts/{chart}']) {
    const parameters = document.paths?.[path]?.get?.parameters ?? []
    expect(parameters.map((parameter) => 'name' in parameter && parameter.name)).toEqual(
      expect.arrayContaining(['limit', 'range']),
    )
  }
})

test('every endpoint is in the document, with its errors', () => {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, '[$1]')}`),
  )
  expect(operations.sort()).toEqual(endpoints.map(({ method, path }) => `${method} ${path}`).sort())
  expect(Object.keys(document.paths?.['/api/tokens/{id}']?.delete?.responses ?? {})).toEqual([
    '200',
    '400',
    '401',
    '403',
    '404',
    '408',
    '413',
    '503',
  ])
})

test('a limited endpoint says when to try again', () => {
  expect(document.paths?.['/api/charts']?.get?.responses?.['429']).toMatchObject({
    description: expect.stringContaining('too-many-requests'),
    headers: { 'retry-after': { description: 'Seconds to wait' } },
  })
})
