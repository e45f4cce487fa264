import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { COVERAGE_STATES, HOLE_CAUSES, SPOTIFY_EXPORTS } from './lists.ts'
import { Time } from './shapes.ts'

const Day = z.iso.date()

export const CoverageResponse = z
  .strictObject({
    year: z.int(),
    years: z.array(z.int()).describe('From the first data to now'),
    since: Day.nullable().describe('The first day with data; null if there is none'),
    until: Time.nullable().describe('How far the data reaches'),
    days: z
      .array(
        z.strictObject({
          day: Day,
          state: z.enum(COVERAGE_STATES),
          plays: z.int().describe('Counted plays that are known'),
        }),
      )
      .describe('Every day of the year in your time zone, up to today'),
    holes: z
      .array(
        z.strictObject({
          from: Time,
          to: Time,
          cause: z.enum(HOLE_CAUSES),
          export: z.enum(SPOTIFY_EXPORTS).describe('What to request from Spotify and import to fill it'),
        }),
      )
      .describe('What is missing in the year, newest first; at most 100'),
    moreHoles: z.int().describe('How many more holes the year has'),
  })
  .meta({ id: 'CoverageResponse' })
export type CoverageResponse = z.infer<typeof CoverageResponse>
export type CoverageHole = CoverageResponse['holes'][number]

export const getCoverage = defineEndpoint({
  method: 'GET',
  path: '/api/coverage',
  summary: 'Which days of a year are fully covered, and what is missing',
  access: { token: 'read tables' },
  query: z.object({
    year: z.coerce
      .number<number | string>()
      .int()
      .min(2006)
      .max(9999)
      .optional()
      .describe('From 2006 to now; the current one if omitted'),
  }),
  limit: 'queries',
  response: CoverageResponse,
  errors: ['no-copy', 'wrong-parameter'],
})
