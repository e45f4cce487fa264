import type { ReactNode } from 'react'
import { Link } from '#app/_ui/link.tsx'
import classes from './shell.module.css'
import { ShellSearch } from './shell-search.tsx'
import { Sidebar } from './sidebar.tsx'
import { ZoneNote } from './zone-note.tsx'

/** The sidebar and the page next to it. */
export function Shell({ children }: { children: ReactNode }) {
  return (
    <ShellSearch>
      <div className={classes.shell}>
        <a href="#page" className={classes.skip}>
          Skip to content
        </a>
        <div className={classes.sidebarColumn}>
          <Sidebar />
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
    </ShellSearch>
  )
}
