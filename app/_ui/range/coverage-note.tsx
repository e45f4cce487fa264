'use client'

import { formatCount, formatDays } from '#app/_ui/format.ts'
import { AlertIcon } from '#app/_ui/icons.tsx'
import { Link } from '#app/_ui/link.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { countDays, type DateRange } from '#lib/core/period.ts'
import { useIncomplete } from './coverage.ts'
import classes from './coverage-note.module.css'

/** "12 May 2026", or how many days there are if they aren't next to each other. */
function daysText(ranges: DateRange[]): string {
  const [first] = ranges
  const last = ranges.at(-1)
  if (!first || !last) return ''
  if (first === last) return formatDays(first)
  const count = ranges.reduce((sum, range) => sum + countDays(range), 0)
  return `${formatCount(count, 'day')} between ${formatDays({ from: first.from, to: first.from })} and ${formatDays({ from: last.to, to: last.to })}`
}

interface Props {
  range: DateRange
  compared?: DateRange | null
  /** Whether figures on the page already say since when they count. */
  saysSince?: boolean
}

/** Below the header of a page that counts: which plays of the period are missing, and since when it is known. */
export function CoverageNote({ range, compared = null, saysSince = false }: Props) {
  const { coverage, serving } = useMe()
  const since = coverage?.since
  const missing = useIncomplete(range)
  const missingBefore = useIncomplete(compared)
  const isCut = !saysSince && since && since > range.from && since <= range.to
  const newest = (missing.at(-1) ?? missingBefore.at(-1))?.to
  if (!isCut && !newest) return null
  return (
    <p className={classes.note}>
      {isCut && <span>Your plays begin on {formatDays({ from: since, to: since })}.</span>}
      {missing.length > 0 && (
        <span>
          <AlertIcon size={14} /> Totals are “at least”: plays of {daysText(missing)} may be missing.
        </span>
      )}
      {missingBefore.length > 0 && (
        <span>
          {missing.length > 0 ? 'So may' : 'In the compared period,'} plays of {daysText(missingBefore)}
          {missing.length > 0 ? ' in the compared period.' : ' may be missing.'}
        </span>
      )}
      {newest && serving === 'embedded' && (
        <Link href={`/data?year=${newest.slice(0, 4)}#coverage`}>What’s missing</Link>
      )}
    </p>
  )
}
