import { formatDay } from '#app/_ui/format.ts'
import { useMe } from '#app/_ui/me.tsx'
import { type DateRange, type Day, rangesWithin } from '#lib/core/period.ts'

/**
 * The figures that missing plays can only make too low. Not new artists: they may have been heard before, when plays are
 * missing. Not shares, ranks and changes.
 */
const LOWER_BOUNDS: ReadonlySet<string> = new Set(['plays', 'minutes', 'days', 'songs', 'artists', 'albums', 'streak'])

/** The days of a range of which plays may be missing, as ranges. */
export function useIncomplete(range: DateRange | null): DateRange[] {
  const { coverage } = useMe()
  return range && coverage ? rangesWithin(coverage.incomplete, range) : []
}

interface Figures {
  /** Says below a figure what its period lacks: "at least, since 3 May". */
  noteOf: (name: string, since?: Day | null) => string
  /** The figure of the compared period; null if missing plays make a change of it meaningless. */
  previousOf: <Value>(previous: Value) => Value | null
}

/** How the figures of a period are shown. @param compared null without comparison */
export function useFigures(range: DateRange, compared: DateRange | null): Figures {
  const isIncomplete = useIncomplete(range).length > 0
  const isComparable = useIncomplete(compared).length === 0 && !isIncomplete
  return {
    noteOf: (name, since) =>
      [
        ...(isIncomplete && LOWER_BOUNDS.has(name) ? ['at least'] : []),
        ...(since ? [`since ${formatDay(since)}`] : []),
      ].join(', '),
    previousOf: (previous) => (isComparable ? previous : null),
  }
}
