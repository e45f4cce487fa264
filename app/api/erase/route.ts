import { serve } from '#app/api/serve.ts'
import { erase } from '#lib/accounts/erase.ts'
import { eraseMe } from '#lib/api/settings.ts'

export const POST = serve(eraseMe, ({ listener, body }) => erase(listener.id, body.confirm))
