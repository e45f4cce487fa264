'use client'

import type { ReactNode } from 'react'
import { useMe } from '#app/_ui/me.tsx'
import { SearchProvider } from '#app/_ui/search/search.tsx'
import { navItemsFor } from './nav-items.tsx'

/** Makes the search available on every page; it finds the sidebar's pages too. */
export function ShellSearch({ children }: { children: ReactNode }) {
  const items = navItemsFor(useMe())
  const pages = [...items, { label: 'User guide', href: '/guide' }].map(({ label, href }) => ({ label, href }))
  return <SearchProvider pages={pages}>{children}</SearchProvider>
}
