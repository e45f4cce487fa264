import { serve } from '#app/api/serve.ts'
import { changeSettings as change, settingsOf } from '#lib/accounts/status.ts'
import { changeSettings, getSettings } from '#lib/api/settings.ts'

export const GET = serve(getSettings, ({ listener }) => settingsOf(listener))

export const PUT = serve(changeSettings, ({ listener, body }) => change(listener, body))
