import type { ReactNode } from 'react'
import classes from './message-page.module.css'

/** A page that is one message and a way on. */
export function MessagePage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={classes.page}>
      <h1>{title}</h1>
      {children}
    </div>
  )
}
