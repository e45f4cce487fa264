import { expect, test } from 'vitest'
import { readSettings } from './config.ts'

const read = (values: Record<string, string>) => readSettings({ NODE_ENV: 'test', ...values })

test.for([
  ['1m', 60_000],
  ['30m', 1_800_000],
] as const)('PLAN_EVERY=%s is %i ms', ([text, milliseconds]) => {
  expect(read({ PLAN_EVERY: text }).PLAN_EVERY).toBe(milliseconds)
})

test.for(['30s', '0m', '7m', '45m', '1h', '5'])('PLAN_EVERY=%s is refused with the valid values', (text) => {
  expect(() => read({ PLAN_EVERY: text })).toThrow(`PLAN_EVERY is "${text}" and must be 1m, 2m`)
})

test('the landing zone is a folder', () => {
  expect(read({ LANDING_URL: '/srv/landing' }).LANDING_URL).toBe('/srv/landing')
  expect(() => read({ LANDING_URL: 's3://bucket/landing' })).toThrow('must be the path of a folder')
})

test('email needs a server and a sender, and messages never repeat the password', () => {
  const SMTP_URL = 'smtps://ada:hidden@smtp.example.com:465'
  expect(read({ SMTP_URL, SMTP_FROM: 'Tracklake <tracklake@example.com>' }).SMTP_URL).toBe(SMTP_URL)
  expect(() => read({ SMTP_URL })).toThrow('SMTP_URL is set and SMTP_FROM is not. Set both, or neither.')
  expect(() => read({ SMTP_FROM: 'ada@example.com' })).toThrow('SMTP_FROM is set and SMTP_URL is not')
  const wrong = () => read({ SMTP_URL: 'https://ada:hidden@smtp.example.com', SMTP_FROM: 'ada@example.com' })
  expect(wrong).toThrow('SMTP_URL must be a mail server')
  expect(wrong).not.toThrow('hidden')
})

test('refuses a metrics token that is easy to guess', () => {
  expect(() => read({ METRICS_TOKEN: 'short' })).toThrow('METRICS_TOKEN must have at least 16 characters')
})
