import { serve } from '#app/api/serve.ts'
import { createToken as create, listTokens } from '#lib/accounts/api-tokens.ts'
import { createToken, getTokens } from '#lib/api/tokens.ts'

export const GET = serve(getTokens, ({ listener }) => listTokens(listener))

/** Only this response contains the token. */
export const POST = serve(createToken, ({ listener, body }) => create(listener, body))
