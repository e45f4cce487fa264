import { serve } from '#app/api/serve.ts'
import { revokeInvite as revoke } from '#lib/accounts/invites.ts'
import { revokeInvite } from '#lib/api/admin.ts'

export const DELETE = serve(revokeInvite, ({ listener, params }) => revoke(listener.id, params.id))
