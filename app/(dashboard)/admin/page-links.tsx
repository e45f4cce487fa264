import Link from 'next/link'
import classes from './admin.module.css'

interface Props {
  /** What the list holds. */
  of: string
  /** Addresses; null where one is there already, or nothing follows. */
  first: string | null
  next: string | null
}

/** The way to the other pages of a list; nothing where one page holds all. */
export function PageLinks({ of, first, next }: Props) {
  if (!first && !next) return null
  return (
    <nav aria-label={`Pages of ${of}`} className={classes.pages}>
      {first && (
        <Link href={first} scroll={false}>
          First {of}
        </Link>
      )}
      {next && (
        <Link href={next} scroll={false}>
          More {of}
        </Link>
      )}
    </nav>
  )
}
