'use client'

import { usePathname } from 'next/navigation'
import { useId } from 'react'
import { DotsIcon, SearchIcon } from '#app/_ui/icons.tsx'
import { Link } from '#app/_ui/link.tsx'
import { LogoMark } from '#app/_ui/logo.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { SearchButton } from '#app/_ui/search/search.tsx'
import { type NavItem, navItemsFor } from './nav-items.tsx'
import classes from './shell.module.css'

/** How many items the bottom bar of phones has, beside the one that opens the rest. */
const ON_PHONES = 4

/** Navigation: icons with labels, icons only on narrow screens; on phones a bottom bar, with a menu of the other pages. */
export function Sidebar() {
  const items = navItemsFor(useMe())
  const others = useId()
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
        {items.map((item, index) => (
          <Item key={item.href} item={item} isExtra={index >= ON_PHONES} />
        ))}
        <button type="button" className={`${classes.navItem} ${classes.more}`} popoverTarget={others}>
          <DotsIcon />
          <span className={classes.label}>More</span>
        </button>
      </div>
      <div id={others} popover="auto" className={classes.others}>
        {items.slice(ON_PHONES).map((item) => (
          <Item key={item.href} item={item} />
        ))}
      </div>
    </nav>
  )
}

function Item({
  item: { label, href, section, Icon, startsGroup },
  isExtra = false,
}: {
  item: NavItem
  isExtra?: boolean
}) {
  const pathname = usePathname()
  return (
    <Link
      href={href}
      title={label}
      data-starts-group={startsGroup}
      className={isExtra ? `${classes.navItem} ${classes.extra}` : classes.navItem}
      aria-current={pathname === section || pathname.startsWith(`${section}/`) ? 'page' : undefined}
      // A link inside the app leaves a popover open.
      onClick={(event) => event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover()}
    >
      <Icon />
      <span className={classes.label}>{label}</span>
    </Link>
  )
}
