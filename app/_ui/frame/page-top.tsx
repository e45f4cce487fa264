'use client'

import type { ReactNode } from 'react'
import { Banner } from './banner.tsx'
import { DataAge } from './data-age.tsx'
import classes from './frame.module.css'
import { ListenerMenu } from './listener-menu.tsx'

interface Props {
  title: string
  /** The control of the page's range, where it has one. */
  children?: ReactNode
}

/** The first line of a page: its title, its range, how old the data is, who is signed in; the banner under it. */
export function PageTop({ title, children }: Props) {
  return (
    <>
      <header className={classes.top}>
        <h1>{title}</h1>
        {children}
        <div className={classes.topEnd}>
          <DataAge />
          <ListenerMenu />
        </div>
      </header>
      <Banner />
    </>
  )
}
