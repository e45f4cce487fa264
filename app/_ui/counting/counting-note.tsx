'use client'

import { Link } from '#app/_ui/link.tsx'
import { useMe } from '#app/_ui/me.tsx'
import classes from './counting-note.module.css'
import { formatCounting } from './labels.ts'

const COUNTING_SETTINGS = '/settings#counting'

/** Names the rule by which the plays on a page are counted, and says while the page doesn't follow it yet. */
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
            ? '. Your figures couldn’t be updated to your last change yet; Tracklake tries again by itself.'
            : '. Updating your figures to your last change…')}
      </span>
    </p>
  )
}
