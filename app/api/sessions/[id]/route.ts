import { serve } from '#app/api/serve.ts'
import { endSession } from '#lib/api/sessions.ts'
import { requireSession } from '#lib/auth/auth.ts'
import { endOneSession } from '#lib/auth/sessions.ts'

/** "Sign out". */
export const DELETE = serve(endSession, async ({ params }) => endOneSession(await requireSession(), params.id))
