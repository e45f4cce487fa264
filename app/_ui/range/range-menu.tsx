'use client'

import dynamic from 'next/dynamic'
import { type KeyboardEvent, type MouseEvent, type ReactNode, type ToggleEvent, useId, useRef, useState } from 'react'
import { DownIcon } from '#app/_ui/icons.tsx'
import type { Calendar, DateRange } from '#lib/core/period.ts'
import classes from './range-menu.module.css'

// The calendar is large and rarely opened.
const DateRangeForm = dynamic(() => import('./date-range-form.tsx').then((module) => module.DateRangeForm), {
  ssr: false,
  loading: () => <div className={classes.loading} />,
})

interface Option {
  label: string
  /** The days that it means. */
  detail?: string
  isCurrent: boolean
  link: { href: string; onClick: (event: MouseEvent) => void }
}

interface Props {
  /** What is selected here, for screen readers. */
  name: string
  /** What is selected. */
  label: string
  icon?: ReactNode
  /** Nothing is selected. */
  isQuiet?: boolean
  options: Option[]
  custom: {
    /** The selected days, if they are no option. */
    range: DateRange | null
    /** What the form starts with. */
    initial: DateRange
    onApply: (range: DateRange) => void
  }
  calendar: Calendar
}

/**
 * A button that opens a list of links, and a form for any two days. The popover is the browser's own: it opens before
 * scripts are loaded, closes on Escape and on clicks outside, and gives the focus back.
 */
export function RangeMenu({ name, label, icon, isQuiet = false, options, custom, calendar }: Props) {
  const id = useId()
  const popover = useRef<HTMLDivElement>(null)
  const [isOpen, setOpen] = useState(false)
  const [isCustom, setCustom] = useState(false)
  const anchor = `--range-${name.toLowerCase()}`

  function follow(event: ToggleEvent) {
    const opened = event.newState === 'open'
    setOpen(opened)
    setCustom(opened && custom.range !== null)
    if (opened) popover.current?.querySelector<HTMLElement>('[aria-current]')?.focus()
  }

  return (
    <>
      <button
        type="button"
        className={classes.button}
        popoverTarget={id}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        data-quiet={isQuiet}
        style={{ anchorName: anchor }}
      >
        {icon}
        <span className={classes.label}>{label}</span>
        <DownIcon size={16} />
      </button>
      <div
        id={id}
        ref={popover}
        popover="auto"
        role="dialog"
        aria-label={name}
        className={classes.popover}
        style={{ positionAnchor: anchor }}
        onToggle={follow}
      >
        <div className={classes.list}>
          <ul onKeyDown={moveFocus}>
            {options.map(({ label, detail, isCurrent, link }) => (
              <li key={label}>
                <a
                  className={classes.option}
                  href={link.href}
                  aria-current={isCurrent || undefined}
                  onClick={(event) => {
                    link.onClick(event)
                    if (event.defaultPrevented) popover.current?.hidePopover()
                  }}
                >
                  {label} <span className={classes.detail}>{detail}</span>
                </a>
              </li>
            ))}
          </ul>
          <button
            type="button"
            className={classes.option}
            aria-expanded={isCustom}
            aria-current={custom.range ? true : undefined}
            onClick={() => setCustom(!isCustom)}
          >
            Custom range
          </button>
        </div>
        {isCustom && (
          <DateRangeForm
            initial={custom.initial}
            calendar={calendar}
            onApply={(range) => {
              custom.onApply(range)
              popover.current?.hidePopover()
            }}
          />
        )}
      </div>
    </>
  )
}

/** Arrow keys, Home and End move along the links; Tab works as well. */
function moveFocus(event: KeyboardEvent<HTMLUListElement>): void {
  const links = [...event.currentTarget.querySelectorAll('a')]
  const at = links.findIndex((link) => link.matches(':focus'))
  const targets: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }
  const target = targets[event.key]
  if (target === undefined) return
  event.preventDefault()
  links[Math.min(Math.max(target, 0), links.length - 1)]?.focus()
}
