import type { ReactNode } from 'react'
import classes from './frame.module.css'
import { Rail } from './rail.tsx'

/** The rail and the page beside it. */
export function Frame({ children }: { children: ReactNode }) {
  return (
    <div className={classes.frame}>
      <a href="#page" className={classes.skip}>
        Skip to the page
      </a>
      <Rail />
      <main id="page" className={classes.page}>
        {children}
      </main>
    </div>
  )
}
