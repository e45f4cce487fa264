'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { LogoMark } from '#app/_ui/logo.tsx'
import { useMe } from '#app/_ui/me.tsx'
import classes from './frame.module.css'
import { PLACES } from './places.tsx'

/** The way through the app: words beside icons, icons alone on narrow screens, a bar at the bottom on phones. */
export function Rail() {
  const { isAdmin } = useMe()
  const pathname = usePathname()
  return (
    <nav aria-label="Pages" className={classes.rail}>
      <Link href="/overview" className={classes.brand} aria-label="Tracklake, to the overview">
        <LogoMark />
        <span className={classes.word}>Tracklake</span>
      </Link>
      <div className={classes.places}>
        {PLACES.filter(({ adminOnly }) => isAdmin || !adminOnly).map(({ word, href, below, Icon }) => (
          <Link
            key={href}
            href={href}
            title={word}
            className={classes.place}
            aria-current={pathname === below || pathname.startsWith(`${below}/`) ? 'page' : undefined}
          >
            <Icon />
            <span className={classes.word}>{word}</span>
          </Link>
        ))}
      </div>
    </nav>
  )
}
