import type { ReactNode } from 'react'
import { requireListener } from '../../lib/auth.ts'
import { me } from '../../lib/listener/status.ts'
import { Frame } from '../_ui/frame/frame.tsx'
import { MeProvider } from '../_ui/me.tsx'

export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const listener = await requireListener()
  return (
    <MeProvider initial={await me(listener)}>
      <Frame>{children}</Frame>
    </MeProvider>
  )
}
