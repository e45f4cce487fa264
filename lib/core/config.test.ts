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

test('e-mail needs a server and a sender, and a password in the server is not repeated', () => {
  const SMTP_URL = 'smtps://ada:hidden@smtp.example.com:465'
  expect(given({ SMTP_URL, SMTP_FROM: 'Tracklake <tracklake@example.com>' }).SMTP_URL).toBe(SMTP_URL)
  expect(() => given({ SMTP_URL })).toThrow('SMTP_URL is given and SMTP_FROM is not. Set both, or neither.')
  expect(() => given({ SMTP_FROM: 'ada@example.com' })).toThrow('SMTP_FROM is given and SMTP_URL is not')
  const wrong = () => given({ SMTP_URL: 'https://ada:hidden@smtp.example.com', SMTP_FROM: 'ada@example.com' })
  expect(wrong).toThrow('SMTP_URL must be a mail server')
  expect(wrong).not.toThrow('hidden')
})

test('a token for metrics that could be guessed is refused', () => {
  expect(() => given({ METRICS_TOKEN: 'short' })).toThrow('METRICS_TOKEN must have at least 16 characters')
})
