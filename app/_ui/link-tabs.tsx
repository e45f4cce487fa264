'use client'

import Link from 'next/link'
import type { KeyboardEvent } from 'react'
import classes from './link-tabs.module.css'

export interface LinkTab {
  label: string
  href: string
}

interface Props {
  /** Accessible name of the tab list. */
  label: string
  tabs: LinkTab[]
  /** Label of the selected tab. */
  current: string
  /** Id of the panel they control. */
  panel: string
}

/** Moves the focus between tabs with the arrow keys; Enter follows the link. */
function stepFocus(event: KeyboardEvent<HTMLElement>) {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
  if (step === 0) return
  const tabs = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="tab"]')]
  const focused = tabs.findIndex((tab) => tab.matches(':focus'))
  tabs.at((focused + step) % tabs.length)?.focus()
}

/** Tabs that are links, so that back works and a shared link shows the same. */
export function LinkTabs({ label, tabs, current, panel }: Props) {
  return (
    <div className={classes.tabs} role="tablist" aria-label={label} onKeyDown={stepFocus}>
      {tabs.map((tab) => (
        <Link
          key={tab.href}
          href={tab.href}
          role="tab"
          aria-selected={tab.label === current}
          aria-controls={panel}
          tabIndex={tab.label === current ? 0 : -1}
          scroll={false}
          className={classes.tab}
        >
          {tab.label}
        </Link>
      ))}
    </div>
  )
}
