'use client'

import { usePathname } from 'next/navigation'
import { SearchIcon } from '#app/_ui/icons.tsx'
import { Link } from '#app/_ui/link.tsx'
import { LogoMark } from '#app/_ui/logo.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { SearchButton } from '#app/_ui/search/search.tsx'
import { NAV_ITEMS } from './nav-items.tsx'
import classes from './shell.module.css'

/** Navigation: icons with labels, icons only on narrow screens, a bottom bar on phones. */
export function Sidebar() {
  const { isAdmin } = useMe()
  const pathname = usePathname()
  return (
    <nav aria-label="Pages" className={classes.sidebar}>
      <Link href="/overview" className={classes.brand} aria-label="Tracklake overview">
        <LogoMark />
        <span className={classes.label}>Tracklake</span>
      </Link>
      <SearchButton className={`${classes.navItem} ${classes.search}`}>
        <SearchIcon />
        <span className={classes.label}>Search</span>
        <span className={classes.key} aria-hidden="true">
          ⌘K
        </span>
      </SearchButton>
      <div className={classes.navItems}>
        {NAV_ITEMS.filter(({ adminOnly }) => isAdmin || !adminOnly).map(({ label, href, section, Icon }) => (
          <Link
            key={href}
            href={href}
            title={label}
            className={classes.navItem}
            aria-current={pathname === section || pathname.startsWith(`${section}/`) ? 'page' : undefined}
          >
            <Icon />
            <span className={classes.label}>{label}</span>
          </Link>
        ))}
      </div>
    </nav>
  )
}
