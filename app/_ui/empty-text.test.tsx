import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import type { MeResponse } from '#lib/api/me.ts'
import { emptyText } from './empty-text.tsx'

const ME = {
  consent: { state: 'given' },
  lastRun: { state: 'succeeded' },
  serving: 'connected',
  snowflake: { state: 'ready' },
  dataAsOf: '2026-11-30T12:00:00.000Z',
}

const shown = (changes: object) =>
  renderToStaticMarkup(emptyText({ ...ME, ...changes } as unknown as MeResponse, 'No plays in this period.'))

test('an instance that is served from Snowflake says what is missing before the first load', () => {
  expect(shown({})).toBe('No plays in this period.')
  expect(shown({ snowflake: null, dataAsOf: null })).toContain('href="/connections/snowflake"')
  expect(shown({ dataAsOf: null })).toContain('first load into your Snowflake')
  expect(shown({ serving: 'embedded', snowflake: null, dataAsOf: null })).toBe('No plays in this period.')
})
