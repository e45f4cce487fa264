'use client'

import dynamic from 'next/dynamic'
import type { ReactNode } from 'react'
import { SearchIcon } from '#app/_ui/icons.tsx'
import { SearchButton } from '#app/_ui/search/search.tsx'
import { Banner } from './banner.tsx'
import { Freshness } from './freshness.tsx'
import classes from './shell.module.css'

const AVATAR_SIZE = 32

// The menu is large and rarely opened, so it loads after the page. The span reserves its space.
const ListenerMenu = dynamic(() => import('./listener-menu.tsx').then((module) => module.ListenerMenu), {
  ssr: false,
  loading: () => <span style={{ width: AVATAR_SIZE, height: AVATAR_SIZE }} />,
})

interface Props {
  title: string
  /** The page's range control, if it has one. */
  children?: ReactNode
}

/** The top of every page: title, range control, freshness and account menu, with the banners below. */
export function PageHeader({ title, children }: Props) {
  return (
    <>
      <header className={classes.top}>
        <h1>{title}</h1>
        {children}
        <div className={classes.topEnd}>
          <Freshness />
          <SearchButton className={classes.topSearch} label="Search">
            <SearchIcon />
          </SearchButton>
          <ListenerMenu size={AVATAR_SIZE} />
        </div>
      </header>
      <Banner />
    </>
  )
}
