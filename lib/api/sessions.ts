import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { Time } from './shapes.ts'

/** The browsers that a listener is signed in with. */

export const SignedInBrowser = z
  .strictObject({
    id: z.string(),
    device: z.string().nullable().describe('Browser and system, such as Firefox on Windows; null if unknown'),
    signedInAt: Time,
    lastSeenAt: Time.describe('Accurate to 5 minutes'),
    endsAt: Time.describe('30 days after the sign-in'),
    isCurrent: z.boolean().describe('True for the browser that sent this request'),
  })
  .meta({ id: 'SignedInBrowser' })
export type SignedInBrowser = z.infer<typeof SignedInBrowser>

export const SessionsResponse = z
  .strictObject({
    sessions: z.array(SignedInBrowser),
    recentUntil: Time.nullable().describe(
      'Until then, this session may use endpoints that need a recent sign-in; null once 15 minutes have passed',
    ),
  })
  .meta({ id: 'SessionsResponse' })
export type SessionsResponse = z.infer<typeof SessionsResponse>

export const getSessions = defineEndpoint({
  method: 'GET',
  path: '/api/sessions',
  summary: 'List the browsers you’re signed in with',
  access: 'listener',
  response: SessionsResponse,
})

export const endSessions = defineEndpoint({
  method: 'DELETE',
  path: '/api/sessions',
  summary: 'Sign out everywhere, including this session; API tokens keep working',
  access: 'listener',
  response: z.strictObject({ ended: z.int() }).meta({ id: 'EndedSessions' }),
})

export const endSession = defineEndpoint({
  method: 'DELETE',
  path: '/api/sessions/[id]',
  summary: 'Sign out one browser and return the remaining ones',
  access: 'listener',
  visibleTo: 'owner',
  response: SessionsResponse,
  errors: ['unknown-session'],
})
