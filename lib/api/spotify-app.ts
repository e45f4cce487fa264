import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { AppCheck, Time } from './shapes.ts'

/** A Spotify app that somebody enters: the one of the instance at set-up, or a listener's own. */

export const SetupResponse = z
  .strictObject({
    mode: z.enum(['demo', 'real']),
    redirectUri: z.string(),
    clientId: z.string().nullable(),
    secretSavedAt: Time.nullable(),
    needsCode: z.boolean().describe('A change needs the one-time code that is printed at start'),
  })
  .meta({ id: 'SetupResponse' })
export type SetupResponse = z.infer<typeof SetupResponse>

const checked = { checks: z.array(AppCheck), saved: z.boolean() }

export const SetupResult = z.strictObject(checked).meta({ id: 'SetupResult' })
export type SetupResult = z.infer<typeof SetupResult>

export const OwnAppResult = z
  .strictObject({
    ...checked,
    app: z
      .string()
      .nullable()
      .describe('Sent along with the sign-in form for 15 minutes; null while nothing was saved'),
  })
  .meta({ id: 'OwnAppResult' })
export type OwnAppResult = z.infer<typeof OwnAppResult>

const key = (name: string) =>
  z
    .string()
    .trim()
    .regex(/^[0-9a-f]{32}$/i, `The ${name} is 32 characters: digits and the letters a to f.`)

/** The rules of both forms. Over the API what breaks them comes back as a check. */
export const AppCredentialRules = z.object({ clientId: key('client ID'), clientSecret: key('client secret') })

/** Where the visitor also has to show that they can read the terminal. */
export const SetupCodeRules = AppCredentialRules.extend({
  code: z.string().trim().min(1, 'Enter the code printed where the app was started.'),
})

const credentials = { clientId: z.string().trim().max(200), clientSecret: z.string().trim().max(200) }
const save = z.boolean().default(false).describe('Without it the app is only checked')

export const getSetup = defineEndpoint({
  method: 'GET',
  path: '/api/setup',
  summary: 'What the set-up page shows; never the secret',
  access: 'setup',
  response: SetupResponse,
})

export const setUp = defineEndpoint({
  method: 'POST',
  path: '/api/setup',
  summary: 'Check the Spotify app of the instance, and save it; then the instance restarts',
  access: 'setup',
  body: z.object({ ...credentials, code: z.string().max(100).optional().describe('Printed at start'), save }),
  response: SetupResult,
  errors: ['not-supervised'],
})

export const saveOwnApp = defineEndpoint({
  method: 'POST',
  path: '/api/spotify-app',
  summary: 'Check a Spotify app of your own, and save it; at most 20 checks an hour',
  access: 'listener or invite',
  body: z.object({
    ...credentials,
    sameDeveloperAs: z.string().max(200).nullish().describe('Client id of another app of the same developer account'),
    invite: z.string().max(200).optional().describe('Instead of a session: the link of an open invite'),
    save,
  }),
  response: OwnAppResult,
  errors: ['not-invited', 'not-your-developer-account', 'too-many-checks', 'too-many-apps'],
})

export const probeApp = defineEndpoint({
  method: 'POST',
  path: '/api/spotify-app/probe',
  summary: 'Try whether Spotify answers again through a paused app; counts as a check',
  access: 'listener',
  body: z.object({ app: z.string().max(200).optional().describe('Client id; your own app without it') }),
  response: z.strictObject({ answers: z.boolean() }).meta({ id: 'AppProbe' }),
  errors: ['not-found', 'too-many-checks'],
})
