import Link from 'next/link'
import type { ReactNode } from 'react'
import classes from './frame.module.css'
import { Rail } from './rail.tsx'
import { ZoneNote } from './zone-note.tsx'

/** The rail and the page beside it. */
export function Frame({ children }: { children: ReactNode }) {
  return (
    <div className={classes.frame}>
      <a href="#page" className={classes.skip}>
        Skip to the page
      </a>
      <div className={classes.railColumn}>
        <Rail />
      </div>
      <main id="page" className={classes.page}>
        {children}
        <footer className={classes.foot}>
          <ZoneNote />
          <span>
            Names, artwork and rankings come from <a href="https://www.spotify.com">Spotify</a>.
          </span>
          <Link href="/privacy" prefetch={false}>
            Privacy
          </Link>
          <Link href="/terms" prefetch={false}>
            Terms
          </Link>
        </footer>
      </main>
    </div>
  )
}
