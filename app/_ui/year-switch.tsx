'use client'

import { VisuallyHidden } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { BackIcon, ForwardIcon } from './icons.tsx'
import { Link } from './link.tsx'
import { LinkTabs } from './link-tabs.tsx'
import classes from './year-switch.module.css'

interface Props {
  year: number
  /** In order. */
  years: number[]
  hrefOf: (year: number) => string
}

/** Years as links, and arrows to the ones before and after. */
export function YearSwitch({ year, years, hrefOf }: Props) {
  const step = (to: number | undefined, name: string, Icon: typeof BackIcon) =>
    to === undefined ? null : (
      <Link className={classes.step} href={hrefOf(to)} title={String(to)} scroll={false}>
        <Icon size={16} />
        <VisuallyHidden>
          {name}: {to}
        </VisuallyHidden>
      </Link>
    )
  const strip = useRef<HTMLDivElement>(null)
  // Many years don't fit, so the current one is scrolled into view.
  useEffect(() => {
    const link = strip.current?.querySelector<HTMLElement>('[aria-current]')
    if (strip.current && link)
      strip.current.scrollLeft = link.offsetLeft - (strip.current.clientWidth - link.offsetWidth) / 2
  })
  return (
    <div className={classes.switch}>
      {step(
        years.findLast((one) => one < year),
        'Previous year',
        BackIcon,
      )}
      <div ref={strip} className={classes.years}>
        <LinkTabs
          label="Years"
          tabs={years.map((one) => ({ label: String(one), href: hrefOf(one), isCurrent: one === year }))}
        />
      </div>
      {step(
        years.find((one) => one > year),
        'Next year',
        ForwardIcon,
      )}
    </div>
  )
}
