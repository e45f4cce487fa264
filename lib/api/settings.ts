import { z } from 'zod'
import { isZone } from '#lib/core/zones.ts'
import { defineEndpoint } from './endpoint.ts'
import { SCHEDULE_KINDS } from './lists.ts'
import { Confirmation, EraseReceipt, Time } from './shapes.ts'

export const Schedule = z
  .strictObject({
    group: z.string(),
    label: z.string().nullable(),
    kind: z.enum(SCHEDULE_KINDS),
    fromHour: z.int().describe('With toHour: the waking hours for “every …” schedules, in your time zone'),
    toHour: z.int(),
    at: z.string().nullable().describe('Time of daily and weekly schedules, such as 7:30; null means around 5:00'),
    weekday: z.int().nullable().describe('Day of weekly schedules: 1 = Monday … 7 = Sunday'),
    paused: z.boolean(),
    every: z.string().describe('The schedule in words'),
    recommended: z.string().describe('The recommended schedule in words'),
    streams: z.array(z.string()).describe('Titles of the streams'),
    nextAt: Time.nullable().describe('Null if it is paused or off, or if Spotify is not connected'),
  })
  .meta({ id: 'Schedule' })
export type Schedule = z.infer<typeof Schedule>

export const SettingsResponse = z
  .strictObject({ zone: z.string().nullable(), weekStart: z.int(), schedules: z.array(Schedule) })
  .meta({ id: 'SettingsResponse' })
export type SettingsResponse = z.infer<typeof SettingsResponse>

const hour = (min: number, max: number) =>
  z.int().min(min, `Between ${min} and ${max}.`).max(max, `Between ${min} and ${max}.`)

export const SettingsChange = z.object({
  zone: z.string().max(60).refine(isZone, 'Choose a valid time zone, such as Europe/Berlin.').optional(),
  weekStart: z.number().int().min(1).max(7).optional().describe('1 = Monday … 7 = Sunday'),
})
export type SettingsChange = z.infer<typeof SettingsChange>

export const ScheduleChange = z.object({
  group: z.string().max(60),
  kind: z.enum(SCHEDULE_KINDS).optional(),
  fromHour: hour(0, 23).optional(),
  toHour: hour(1, 24).optional(),
  at: z
    .string()
    .regex(/^([01]?\d|2[0-3]):[0-5]\d$/, 'Enter a time of day, such as 7:30.')
    .nullish(),
  weekday: z.int().min(1).max(7).nullish(),
  label: z.string().max(60, 'At most 60 characters.').nullish(),
  paused: z.boolean().optional(),
})
export type ScheduleChange = z.infer<typeof ScheduleChange>

export const getSettings = defineEndpoint({
  method: 'GET',
  path: '/api/settings',
  summary: 'Time zone, start of the week, and the schedule of each group of streams',
  access: 'listener',
  response: SettingsResponse,
})

export const changeSettings = defineEndpoint({
  method: 'PUT',
  path: '/api/settings',
  summary: 'Change the time zone or the start of the week; omitted fields stay as they are',
  access: 'listener',
  body: SettingsChange,
  response: SettingsResponse,
})

export const changeSchedule = defineEndpoint({
  method: 'PUT',
  path: '/api/settings/schedules',
  summary: 'Change the schedule of one group; omitted fields stay as they are',
  access: 'listener',
  body: ScheduleChange,
  response: SettingsResponse,
  errors: ['impossible-schedule'],
})

export const eraseMe = defineEndpoint({
  method: 'POST',
  path: '/api/erase',
  summary: 'Delete your account and all your data, and sign out; returns the receipt',
  access: 'listener',
  body: Confirmation,
  limit: 'orders',
  response: EraseReceipt,
  errors: ['not-confirmed', 'being-deleted', 'load-under-way'],
})
