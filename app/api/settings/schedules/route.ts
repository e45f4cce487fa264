import { serve } from '#app/api/serve.ts'
import { settingsOf } from '#lib/accounts/status.ts'
import { changeSchedule } from '#lib/api/settings.ts'
import { changeSchedule as change } from '#lib/schedule/schedules.ts'

export const PUT = serve(changeSchedule, async ({ listener, body }) => {
  await change(listener, body)
  return settingsOf(listener)
})
