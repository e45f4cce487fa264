'use client'

import type { ReactNode } from 'react'
import { SearchIcon } from '#app/_ui/icons.tsx'
import { OnDemand } from '#app/_ui/on-demand.tsx'
import { SearchButton } from '#app/_ui/search/search.tsx'
import { Banner } from './banner.tsx'
import { Freshness } from './freshness.tsx'
import { ListenerButton } from './listener-button.tsx'
import classes from './shell.module.css'

const AVATAR_SIZE = 32

const listenerMenu = () => import('./listener-menu.tsx').then((module) => module.ListenerMenu)

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
          <OnDemand load={listenerMenu} own={{ size: AVATAR_SIZE }}>
            {(standIn) => <ListenerButton size={AVATAR_SIZE} {...standIn} />}
          </OnDemand>
        </div>
      </header>
      <Banner />
    </>
  )
}
