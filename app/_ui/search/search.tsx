'use client'

import { UnstyledButton } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import dynamic from 'next/dynamic'
import { createContext, type ReactNode, use, useState } from 'react'
import { SearchIcon } from '#app/_ui/icons.tsx'
import classes from './search.module.css'

// It is rarely opened, so it loads then.
const SearchDialog = dynamic(() => import('./search-dialog.tsx').then((module) => module.SearchDialog), { ssr: false })

const OpenSearch = createContext<() => void>(() => {})

/** Opens the search by ⌘K or Ctrl+K, and by the buttons below. @param pages what else it finds */
export function SearchProvider({
  pages,
  children,
}: {
  pages?: { label: string; href: string }[]
  children: ReactNode
}) {
  const [opened, setOpened] = useState(0)
  const open = () => setOpened((count) => count + 1)
  // Also while something is typed elsewhere.
  useHotkeys([['mod+K', open]], [])
  return (
    <OpenSearch value={open}>
      {children}
      {opened > 0 && <SearchDialog opened={opened} pages={pages ?? []} />}
    </OpenSearch>
  )
}

interface ButtonProps {
  className?: string | undefined
  /** Where the content is no text. */
  label?: string
  children: ReactNode
}

/** A button that opens the search. */
export function SearchButton({ className, label, children }: ButtonProps) {
  const open = use(OpenSearch)
  return (
    <UnstyledButton
      className={className}
      onClick={open}
      aria-label={label}
      title="Search (⌘K)"
      aria-keyshortcuts="Meta+K Control+K"
    >
      {children}
    </UnstyledButton>
  )
}

/** For pages that have nothing else to show. */
export function SearchYourMusic() {
  return (
    <SearchButton className={classes.button}>
      <SearchIcon />
      <span>Search your music</span>
    </SearchButton>
  )
}
