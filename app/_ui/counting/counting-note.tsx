'use client'

import { Link } from '#app/_ui/link.tsx'
import { useMe } from '#app/_ui/me.tsx'
import classes from './counting-note.module.css'
import { formatCounting } from './labels.ts'

const COUNTING_SETTINGS = '/settings#counting'

/** Names the rule by which a page counts plays, and says so while the page doesn't reflect it yet. */
export function CountingNote() {
  const { counting } = useMe()
  return (
    <p className={classes.note}>
      <Link href={COUNTING_SETTINGS} title="Change what counts">
        Counts {formatCounting(counting)}
      </Link>
      <span role="status">
        {counting.isRebuilding &&
          (counting.problem
            ? '. Your figures don’t include your last change yet; Tracklake will try again.'
            : '. Updating your figures with your last change…')}
      </span>
    </p>
  )
}
