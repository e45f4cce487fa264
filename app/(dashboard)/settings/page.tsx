import { requireListener } from '../../../lib/auth.ts'
import { listTokens } from '../../../lib/listener/tokens.ts'
import { SettingsView } from './settings-view.tsx'

export const metadata = { title: 'Settings' }

export default async function SettingsPage() {
  const listener = await requireListener()
  return <SettingsView tokens={await listTokens(listener)} />
}
