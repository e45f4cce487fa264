'use client'

import Link from 'next/link'
import type { KeyboardEvent } from 'react'
import classes from './link-tabs.module.css'

export interface LinkTab {
  word: string
  href: string
}

interface Props {
  /** What the tabs choose. */
  label: string
  tabs: LinkTab[]
  /** Word of the tab that is open. */
  current: string
  /** Id of the panel that they change. */
  panel: string
}

/** Moves the focus among the tabs, as people expect of tabs; Enter follows the link. */
function stepFocus(event: KeyboardEvent<HTMLElement>) {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
  if (step === 0) return
  const tabs = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="tab"]')]
  const focused = tabs.findIndex((tab) => tab.matches(':focus'))
  tabs.at((focused + step) % tabs.length)?.focus()
}

/** Tabs that are addresses: back works, and a shared link shows the same. */
export function LinkTabs({ label, tabs, current, panel }: Props) {
  return (
    <div className={classes.tabs} role="tablist" aria-label={label} onKeyDown={stepFocus}>
      {tabs.map(({ word, href }) => (
        <Link
          key={href}
          href={href}
          role="tab"
          aria-selected={word === current}
          aria-controls={panel}
          tabIndex={word === current ? 0 : -1}
          scroll={false}
          className={classes.tab}
        >
          {word}
        </Link>
      ))}
    </div>
  )
}
