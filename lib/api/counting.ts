import { z } from 'zod'
import { COUNTING_RULES } from '#lib/models/counting.ts'
import { defineEndpoint } from './endpoint.ts'

/** Which plays count. */

const settings = {
  rule: z
    .enum(COUNTING_RULES)
    .describe(
      '`30s`: at least 30 seconds, or the whole of a shorter song; `half`: at least half of the song; `completed`: to its end; `all`: every play',
    ),
  countsPrivate: z.boolean().describe('Whether plays in private sessions count'),
  countsSkips: z.boolean().describe('Whether skipped plays count if they meet the rule'),
  countsOtherSources: z.boolean().describe('Whether plays that Last.fm or ListenBrainz recorded count'),
}

export const CountingChange = z.object(settings).partial()
export type CountingChange = z.infer<typeof CountingChange>

export const CountingResponse = z
  .strictObject({
    ...settings,
    isRebuilding: z
      .boolean()
      .describe('True until charts reflect the last change to these settings or to which songs count as one recording'),
    problem: z.string().nullable().describe('Why the charts could not be updated; retried automatically'),
  })
  .meta({ id: 'CountingResponse' })
export type CountingResponse = z.infer<typeof CountingResponse>

export const getCounting = defineEndpoint({
  method: 'GET',
  path: '/api/counting',
  summary: 'Which plays count',
  access: { token: 'read charts' },
  response: CountingResponse,
})

export const changeCounting = defineEndpoint({
  method: 'PUT',
  path: '/api/counting',
  summary: 'Change which plays count; omitted fields stay as they are. Charts follow within a minute',
  access: 'listener',
  body: CountingChange,
  limit: 'orders',
  response: CountingResponse,
})
