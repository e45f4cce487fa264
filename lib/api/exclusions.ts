import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { MAX_PENDING_EXCLUSIONS } from './limits.ts'

/** Plays that a listener leaves out of everything that counts. */

const MAX_URI = 4_000

const play = {
  playedAt: z.iso.datetime().describe('`played_at` of the chart `history`'),
  uri: z.string().min(1).max(MAX_URI).describe('`uri` of the chart `history`'),
}

export const ExclusionChange = z.object(play)
export type ExclusionChange = z.infer<typeof ExclusionChange>

const Exclusion = z
  .strictObject({ ...play, excluded: z.boolean().describe('False: it counts again') })
  .meta({ id: 'Exclusion' })
export type Exclusion = z.infer<typeof Exclusion>

export const ExclusionsResponse = z
  .strictObject({
    excluded: z.int().describe('How many plays are excluded'),
    pending: z
      .array(Exclusion)
      .max(MAX_PENDING_EXCLUSIONS)
      .describe(`Changes that the charts don’t show yet, the newest ${MAX_PENDING_EXCLUSIONS} of them, newest first`),
    problem: z.string().nullable().describe('Why the charts could not be updated; retried automatically'),
  })
  .meta({ id: 'ExclusionsResponse' })
export type ExclusionsResponse = z.infer<typeof ExclusionsResponse>

const change = {
  path: '/api/exclusions',
  access: 'listener',
  body: ExclusionChange,
  limit: 'queries',
  response: ExclusionsResponse,
} as const

export const getExclusions = defineEndpoint({
  method: 'GET',
  path: '/api/exclusions',
  summary: 'How many plays are excluded, and which changes the charts don’t show yet',
  access: 'listener',
  response: ExclusionsResponse,
})

export const excludePlay = defineEndpoint({
  ...change,
  method: 'POST',
  summary: 'Exclude a play from everything that counts; it stays in the history',
  errors: ['unknown-play', 'too-many-exclusions', 'no-copy'],
})

export const includePlay = defineEndpoint({
  ...change,
  method: 'DELETE',
  summary: 'Count an excluded play again',
  errors: ['unknown-play', 'no-copy'],
})
