import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { listTokens } from '#lib/accounts/api-tokens.ts'
import { recordingsOf } from '#lib/accounts/recordings.ts'
import { settingsOf } from '#lib/accounts/status.ts'
import { getChannels, getRecordings, getSessions, getSettings } from '#lib/api/client.ts'
import { requireListener, requireSession } from '#lib/auth/auth.ts'
import { listSessions } from '#lib/auth/sessions.ts'
import { channelsOf } from '#lib/notifications/channels.ts'
import { SettingsView } from './settings-view.tsx'

export const metadata = { title: 'Settings' }

export default async function SettingsPage() {
  const listener = await requireListener()
  const responses = [
    prefetch(getSettings, () => settingsOf(listener)),
    prefetch(getRecordings, () => recordingsOf(listener)),
    prefetch(getSessions, async () => listSessions(await requireSession())),
    prefetch(getChannels, () => channelsOf(listener)),
  ]
  return (
    <Prefetched responses={responses}>
      <SettingsView tokens={await listTokens(listener)} />
    </Prefetched>
  )
}
