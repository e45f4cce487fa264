import { Link } from './link.tsx'
import classes from './link-tabs.module.css'

interface Props {
  /** Accessible name of the tabs. */
  label: string
  tabs: { label: string; href: string; isCurrent: boolean }[]
}

/** Tabs that are links, so that back works and a shared link shows the same. */
export function LinkTabs({ label, tabs }: Props) {
  return (
    <nav className={classes.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <Link
          key={tab.href}
          href={tab.href}
          className={classes.tab}
          aria-current={tab.isCurrent ? 'page' : undefined}
          scroll={false}
        >
          {tab.label}
        </Link>
      ))}
    </nav>
  )
}
