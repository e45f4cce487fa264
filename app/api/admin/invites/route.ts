import { serve } from '#app/api/serve.ts'
import { createInvite as create, listInvites } from '#lib/accounts/invites.ts'
import { createInvite, getInvites } from '#lib/api/admin.ts'

export const GET = serve(getInvites, ({ query }) => listInvites(query))

/** Only this response contains the link. */
export const POST = serve(createInvite, ({ listener, body }) => create(listener.id, body))
