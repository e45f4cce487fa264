import { listTokens } from '#lib/accounts/api-tokens.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { SettingsView } from './settings-view.tsx'

export const metadata = { title: 'Settings' }

export default async function SettingsPage() {
  const listener = await requireListener()
  return <SettingsView tokens={await listTokens(listener)} />
}
