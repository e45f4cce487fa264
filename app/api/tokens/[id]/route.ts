import { serve } from '#app/api/serve.ts'
import { revokeToken as revoke } from '#lib/accounts/api-tokens.ts'
import { revokeToken } from '#lib/api/tokens.ts'

/** "Revoke". */
export const DELETE = serve(revokeToken, ({ listener, params }) => revoke(listener, params.id))
