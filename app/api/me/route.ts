import { serve } from '#app/api/serve.ts'
import { me } from '#lib/accounts/status.ts'
import { getMe } from '#lib/api/me.ts'

export const GET = serve(getMe, ({ listener }) => me(listener))
