import { serve } from '#app/api/serve.ts'
import { endSessions, getSessions } from '#lib/api/sessions.ts'
import { requireSession } from '#lib/auth/auth.ts'
import { endAllSessions, listSessions } from '#lib/auth/sessions.ts'

export const GET = serve(getSessions, async () => listSessions(await requireSession()))

/** "Sign out everywhere". */
export const DELETE = serve(endSessions, ({ listener }) => endAllSessions(listener.id))
