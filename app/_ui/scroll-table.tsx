import type { ReactNode } from 'react'
import classes from './table.module.css'

/** A table that scrolls if it is too large. @param label its accessible name */
export function ScrollTable({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label={`Table: ${label}`}>
      <table className={classes.table}>{children}</table>
    </section>
  )
}
