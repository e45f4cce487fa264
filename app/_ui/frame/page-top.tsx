'use client'

import dynamic from 'next/dynamic'
import type { ReactNode } from 'react'
import { Banner } from './banner.tsx'
import { DataAge } from './data-age.tsx'
import classes from './frame.module.css'

const PICTURE_SIZE = 32

// A menu needs much code and is opened rarely: it comes after the page, its place is kept.
const ListenerMenu = dynamic(() => import('./listener-menu.tsx').then((module) => module.ListenerMenu), {
  ssr: false,
  loading: () => <span style={{ width: PICTURE_SIZE, height: PICTURE_SIZE }} />,
})

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
          <ListenerMenu size={PICTURE_SIZE} />
        </div>
      </header>
      <Banner />
    </>
  )
}
