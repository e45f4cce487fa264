import { Link } from '#app/_ui/link.tsx'
import classes from './admin.module.css'

interface Props {
  /** Plural name of the listed items. */
  of: string
  /** Addresses; null on the first page, or if nothing follows. */
  first: string | null
  next: string | null
}

/** Links to the other pages of a list; renders nothing if there is only one page. */
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
