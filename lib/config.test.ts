import { expect, test } from 'vitest'
import { readSettings } from './config.ts'

const given = (values: Record<string, string>) => readSettings({ NODE_ENV: 'test', ...values })

test.for([
  ['1m', 60_000],
  ['30m', 1_800_000],
] as const)('PLAN_EVERY=%s is %i ms', ([text, milliseconds]) => {
  expect(given({ PLAN_EVERY: text }).PLAN_EVERY).toBe(milliseconds)
})

test.for(['30s', '0m', '7m', '45m', '1h', '5'])('PLAN_EVERY=%s is refused with what it can be', (text) => {
  expect(() => given({ PLAN_EVERY: text })).toThrow(`PLAN_EVERY is "${text}" and must be 1m, 2m`)
})

test('the landing zone is a folder', () => {
  expect(given({ LANDING_URL: '/srv/landing' }).LANDING_URL).toBe('/srv/landing')
  expect(() => given({ LANDING_URL: 's3://bucket/landing' })).toThrow('must be the path of a folder')
})
