'use client'

import { type ComponentType, type FocusEvent, type PointerEvent, type ReactNode, useState } from 'react'

/** How a menu takes over from the button that stood in for it. */
export interface TakesOver {
  /** The button had the focus. */
  autoFocus: boolean
  /** The button was pressed. */
  defaultOpened: boolean
}

/** What the button in place of a menu does. */
export interface StandIn {
  onPointerEnter: (event: PointerEvent) => void
  onPointerDown: (event: PointerEvent) => void
  onFocus: (event: FocusEvent<HTMLElement>) => void
  onBlur: () => void
  onClick: () => void
}

interface Props<Own extends object> {
  load: () => Promise<ComponentType<Own & TakesOver>>
  own: Own
  /** The same button that the menu has. */
  children: (standIn: StandIn) => ReactNode
}

/**
 * A menu that loads when a pointer or the focus reaches its button. Menus are large and rarely opened. What happened to the
 * button meanwhile isn't lost: the menu gets its focus, and opens if it was pressed.
 */
export function OnDemand<Own extends object>({ load, own, children }: Props<Own>) {
  const [before] = useState<TakesOver>(() => ({ autoFocus: false, defaultOpened: false }))
  const [loaded, setLoaded] = useState<{ Menu: ComponentType<Own & TakesOver>; before: TakesOver }>()
  if (loaded) return <loaded.Menu {...own} {...loaded.before} />
  const start = (change: Partial<TakesOver> = {}) => {
    Object.assign(before, change)
    // If the network is away, the next press tries again.
    load().then(
      (Menu) => setLoaded({ Menu, before: { ...before } }),
      () => undefined,
    )
  }
  return children({
    onPointerEnter: ({ pointerType }) => pointerType === 'mouse' && start(),
    // A click doesn't reach a button that is replaced while it is pressed.
    onPointerDown: ({ pointerType }) => pointerType === 'mouse' && start({ autoFocus: true, defaultOpened: true }),
    // By keyboard. After a touch the click is still to come, and would close what the focus had opened.
    onFocus: ({ currentTarget }) => currentTarget.matches(':focus-visible') && start({ autoFocus: true }),
    onBlur: () => Object.assign(before, { autoFocus: false }),
    onClick: () => start({ autoFocus: true, defaultOpened: true }),
  })
}
