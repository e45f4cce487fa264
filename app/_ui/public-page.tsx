import type { ReactNode } from 'react'
import { Link } from './link.tsx'
import { LogoMark } from './logo.tsx'
import classes from './public-page.module.css'

/** Layout of public pages: logo at the top, legal links at the bottom. */
export function PublicPage({ children }: { children: ReactNode }) {
  return (
    <div className={classes.page}>
      <header>
        <Link href="/" className={classes.brand}>
          <LogoMark />
          Tracklake
        </Link>
      </header>
      <main className={classes.main}>{children}</main>
      <footer className={classes.foot}>
        <Link href="/privacy">Privacy</Link>
        <Link href="/terms">Terms</Link>
        <span>Not made, endorsed or certified by Spotify.</span>
      </footer>
    </div>
  )
}

/** Running text with headings. */
export function Prose({ title, children }: { title: string; children: ReactNode }) {
  return (
    <article className={classes.prose}>
      <h1>{title}</h1>
      {children}
    </article>
  )
}
