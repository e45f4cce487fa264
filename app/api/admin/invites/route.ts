import { serve } from '#app/api/serve.ts'
import { createInvite as create, listInvites } from '#lib/accounts/invites.ts'
import { createInvite, getInvites } from '#lib/api/admin.ts'

export const GET = serve(getInvites, ({ query }) => listInvites(query))

/** The link is in this response and nowhere else. */
export const POST = serve(createInvite, ({ listener, body }) => create(listener.id, body))
