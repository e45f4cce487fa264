import { z } from 'zod'
import { CHECK_STATES, FULL_REASONS } from '#lib/models/outcomes.ts'
import { defineEndpoint } from './endpoint.ts'
import { BUILD_TRIGGERS, CHECK_SCOPES } from './lists.ts'
import { problem, Time } from './shapes.ts'

/** The last builds of the models, and what the checks after them found. */

const SHOWN_STATES = [...CHECK_STATES, 'not run yet'] as const

export const CheckInfo = z
  .strictObject({
    name: z.string().describe('As dbt names the test'),
    title: z.string().describe('What should be true'),
    tables: z.array(z.string()).describe('What it is about, as schema.name'),
    state: z.enum(SHOWN_STATES),
    failing: z.int().nullable().describe('How many rows contradict it; null if it did not run'),
    ...problem,
    meaning: z.string().describe('What follows if it fails'),
    since: Time.nullable().describe('Since when it has this state'),
    checkedAt: Time.nullable(),
  })
  .meta({ id: 'Check' })
export type CheckInfo = z.infer<typeof CheckInfo>

export const BuildInfo = z
  .strictObject({
    id: z.string(),
    trigger: z.enum(BUILD_TRIGGERS),
    full: z.enum(FULL_REASONS).nullable().describe('Why everything was built; null if only what had arrived was'),
    startedAt: Time,
    endedAt: Time,
    problem: z.string().nullable().describe('Why it failed'),
    attempts: z.int().describe('How often in a row it failed in this way'),
    rows: z.int().describe('Written to all tables together'),
    models: z.array(z.strictObject({ name: z.string(), rows: z.int(), ms: z.int() })).describe('Tables it wrote'),
    checked: z.enum(CHECK_SCOPES).nullable().describe('Null if nothing was checked'),
    passed: z.int(),
    failed: z.int(),
    notRun: z.int().describe('Checks that could not run'),
  })
  .meta({ id: 'Build' })
export type BuildInfo = z.infer<typeof BuildInfo>

export const ChecksResponse = z
  .strictObject({
    checkedAt: Time.nullable().describe('When any check last ran'),
    wholeAt: Time.nullable().describe('When all checks last ran on all rows'),
    checks: z.array(CheckInfo).describe('Failed ones first'),
    builds: z.array(BuildInfo).describe('Newest first'),
  })
  .meta({ id: 'ChecksResponse' })
export type ChecksResponse = z.infer<typeof ChecksResponse>

export const getChecks = defineEndpoint({
  method: 'GET',
  path: '/api/checks',
  summary: 'Checks of your tables, and the last builds of the models',
  access: { token: 'read tables' },
  query: z.object({ builds: z.coerce.number<number | string>().int().min(1).max(50).default(20) }),
  limit: 'queries',
  response: ChecksResponse,
  errors: ['no-copy'],
})
