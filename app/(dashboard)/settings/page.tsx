import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { listTokens } from '#lib/accounts/api-tokens.ts'
import { settingsOf } from '#lib/accounts/status.ts'
import { getChannels, getSettings } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { channelsOf } from '#lib/notifications/channels.ts'
import { SettingsView } from './settings-view.tsx'

export const metadata = { title: 'Settings' }

export default async function SettingsPage() {
  const listener = await requireListener()
  const [settings, channels, tokens] = await Promise.all([
    settingsOf(listener),
    channelsOf(listener),
    listTokens(listener),
  ])
  return (
    <Prefetched responses={[prefetch(getSettings, settings), prefetch(getChannels, channels)]}>
      <SettingsView tokens={tokens} />
    </Prefetched>
  )
}
