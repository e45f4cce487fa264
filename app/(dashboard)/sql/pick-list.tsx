'use client'

import { Moment } from '#app/_ui/moment.tsx'
import classes from './sidebar.module.css'

export interface PickItem {
  title: string
  about?: string
  /** When it was last run by its name. */
  at?: string | null
}

interface Props<Item extends PickItem> {
  items: Item[]
  current?: string | undefined
  empty: string
  onPick: (item: Item) => void
}

/** Queries by their names; a click puts one into the editor. */
export function PickList<Item extends PickItem>({ items, current, empty, onPick }: Props<Item>) {
  if (items.length === 0) return <p className={classes.empty}>{empty}</p>
  return (
    <ul className={classes.list}>
      {items.map((item) => (
        <li key={item.title}>
          <button
            type="button"
            className={classes.pick}
            aria-current={item.title === current || undefined}
            onClick={() => onPick(item)}
          >
            <span className={classes.title}>{item.title}</span>
            {item.about && <span className={classes.about}>{item.about}</span>}
            {item.at && (
              <span className={classes.about}>
                called by name <Moment at={item.at} />
              </span>
            )}
          </button>
        </li>
      ))}
    </ul>
  )
}
