import { type ReactNode, useId } from 'react'
import classes from './panel.module.css'

interface Props {
  title: string
  /** Anchor for links. */
  id?: string
  /** Toggle, link or buttons next to the title. */
  action?: ReactNode
  children: ReactNode
}

/** A card with a heading. */
export function Panel({ title, id, action, children }: Props) {
  const heading = useId()
  return (
    <section id={id} className={classes.panel} aria-labelledby={heading}>
      <div className={classes.head}>
        <h2 id={heading}>{title}</h2>
        {action && <div className={classes.action}>{action}</div>}
      </div>
      {children}
    </section>
  )
}

/** Panels side by side if there is room. */
export function Columns({ children }: { children: ReactNode }) {
  return <div className={classes.columns}>{children}</div>
}
