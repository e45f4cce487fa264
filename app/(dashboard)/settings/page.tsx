import { requireListener } from '../../../lib/auth.ts'
import { SettingsView } from './settings-view.tsx'

export const metadata = { title: 'Settings' }

export default async function SettingsPage() {
  await requireListener()
  return <SettingsView />
}
