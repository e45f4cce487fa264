import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { AppCheck, Time } from './shapes.ts'

/** Entering a Spotify app: the instance's at setup, or a listener's own. */

export const SetupResponse = z
  .strictObject({
    mode: z.enum(['demo', 'real']),
    redirectUri: z.string(),
    clientId: z.string().nullable(),
    secretSavedAt: Time.nullable(),
    needsCode: z.boolean().describe('True if saving requires the setup code printed at startup'),
  })
  .meta({ id: 'SetupResponse' })
export type SetupResponse = z.infer<typeof SetupResponse>

const checked = { checks: z.array(AppCheck), saved: z.boolean() }

export const SetupResult = z.strictObject(checked).meta({ id: 'SetupResult' })
export type SetupResult = z.infer<typeof SetupResult>

export const OwnAppResult = z
  .strictObject({
    ...checked,
    app: z.string().nullable().describe('Send it with the sign-in form within 15 minutes; null if nothing was saved'),
  })
  .meta({ id: 'OwnAppResult' })
export type OwnAppResult = z.infer<typeof OwnAppResult>

const key = (name: string) =>
  z
    .string()
    .trim()
    .regex(/^[0-9a-f]{32}$/i, `The ${name} is 32 characters: digits and the letters a to f.`)

/** The rules of both forms. The API reports violations as failed checks. */
export const AppCredentialRules = z.object({ clientId: key('client ID'), clientSecret: key('client secret') })

/** For visitors who also have to prove that they can read the terminal. */
export const SetupCodeRules = AppCredentialRules.extend({
  code: z.string().trim().min(1, 'Enter the code printed where the app was started.'),
})

const credentials = { clientId: z.string().trim().max(200), clientSecret: z.string().trim().max(200) }
const save = z.boolean().default(false).describe('If false, the app is only checked')

export const getSetup = defineEndpoint({
  method: 'GET',
  path: '/api/setup',
  summary: 'What the setup page shows; never the secret',
  access: 'setup',
  response: SetupResponse,
})

export const setUp = defineEndpoint({
  method: 'POST',
  path: '/api/setup',
  summary: 'Check the instance’s Spotify app; if saved, the instance restarts',
  access: 'setup',
  body: z.object({
    ...credentials,
    code: z.string().max(100).optional().describe('Setup code printed at startup'),
    save,
  }),
  limit: 'checks',
  response: SetupResult,
  errors: ['not-supervised'],
})

export const saveOwnApp = defineEndpoint({
  method: 'POST',
  path: '/api/spotify-app',
  summary: 'Check, and optionally save, your own Spotify app; at most 20 checks an hour',
  access: 'listener or invite',
  body: z.object({
    ...credentials,
    sameDeveloperAs: z.string().max(200).nullish().describe('Client id of another app of the same developer account'),
    invite: z.string().max(200).optional().describe('Token of an open invite, instead of a session'),
    save,
  }),
  limit: 'checks',
  response: OwnAppResult,
  errors: ['not-invited', 'not-your-developer-account', 'too-many-checks', 'too-many-apps'],
})

export const probeApp = defineEndpoint({
  method: 'POST',
  path: '/api/spotify-app/probe',
  summary: 'Check whether a paused app works again; counts towards the limit of checks',
  access: 'listener',
  body: z.object({ app: z.string().max(200).optional().describe('Client id; your current app if omitted') }),
  limit: 'checks',
  response: z.strictObject({ answers: z.boolean() }).meta({ id: 'AppProbe' }),
  errors: ['not-found', 'too-many-checks'],
})
