import { expect, test } from 'vitest'
import { mondayMorning } from './monday-morning.ts'

test.for([
  ['Europe/Berlin', '2026-11-23T07:59:00Z', null],
  ['Europe/Berlin', '2026-11-23T08:00:00Z', '2026-11-23'],
  ['Europe/Berlin', '2026-10-26T08:00:00Z', '2026-10-26'],
  ['Europe/Berlin', '2026-03-30T07:00:00Z', '2026-03-30'],
  ['Asia/Kolkata', '2026-11-23T03:29:00Z', null],
  ['Asia/Kolkata', '2026-11-23T03:30:00Z', '2026-11-23'],
  ['Pacific/Kiritimati', '2026-11-22T19:00:00Z', '2026-11-23'],
  ['Pacific/Chatham', '2026-11-22T19:15:00Z', '2026-11-23'],
  ['Pacific/Pago_Pago', '2026-11-23T20:00:00Z', '2026-11-23'],
  ['Europe/Berlin', '2026-11-23T20:00:00Z', '2026-11-23'],
  ['Europe/Berlin', '2026-11-24T07:59:00Z', '2026-11-23'],
  ['Pacific/Honolulu', '2026-12-01T18:59:00Z', '2026-11-30'],
  ['Europe/Berlin', '2026-11-24T08:00:00Z', null],
] as const)('%s at %s is Monday morning: %s', ([zone, at, day]) => {
  expect(mondayMorning(new Date(at), zone)).toBe(day)
})
