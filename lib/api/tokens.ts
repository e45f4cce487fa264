import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { TOKEN_SCOPES } from './lists.ts'
import { Time } from './shapes.ts'

export const ApiToken = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.enum(TOKEN_SCOPES)),
    createdAt: Time,
    endsAt: Time,
    lastUsedAt: Time.nullable().describe('Accurate to the minute'),
    ended: z.boolean(),
  })
  .meta({ id: 'ApiToken' })
export type ApiToken = z.infer<typeof ApiToken>

export const ApiTokensResponse = z
  .strictObject({ tokens: z.array(ApiToken), most: z.int().describe('Maximum number of tokens per listener') })
  .meta({ id: 'ApiTokensResponse' })
export type ApiTokensResponse = z.infer<typeof ApiTokensResponse>

export const NewApiToken = z
  .strictObject({ token: z.string().describe('Shown only in this response'), made: ApiToken })
  .meta({ id: 'NewApiToken' })
export type NewApiToken = z.infer<typeof NewApiToken>

export const TokenForm = z.object({
  name: z.string().trim().min(1, 'Enter a name.').max(60, 'At most 60 characters.'),
  scopes: z.array(z.enum(TOKEN_SCOPES)).min(1, 'Choose at least one permission.'),
  days: z.number().int().min(1, 'At least a day.').max(365, 'At most a year.').describe('Days until it expires'),
})
export type TokenForm = z.infer<typeof TokenForm>

export const getTokens = defineEndpoint({
  method: 'GET',
  path: '/api/tokens',
  summary: 'Your tokens, newest first; never the tokens themselves',
  access: 'listener',
  response: ApiTokensResponse,
})

export const createToken = defineEndpoint({
  method: 'POST',
  path: '/api/tokens',
  summary: 'Create a token; only this response contains it',
  access: 'listener',
  recentSignIn: true,
  body: TokenForm,
  response: NewApiToken,
  statuses: [201],
  errors: ['too-many-tokens'],
})

export const revokeToken = defineEndpoint({
  method: 'DELETE',
  path: '/api/tokens/[id]',
  summary: 'Revoke a token and return the remaining ones',
  access: 'listener',
  visibleTo: 'owner',
  response: ApiTokensResponse,
  errors: ['unknown-token'],
})
