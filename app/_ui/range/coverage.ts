import { formatDay } from '#app/_ui/format.ts'
import { useMe } from '#app/_ui/me.tsx'
import type { DateRange, Day } from '#lib/core/period.ts'

/**
 * The figures that missing plays can only make too low. Not new artists: they may have been heard before, when plays are
 * missing. Not shares, ranks and changes.
 */
const LOWER_BOUNDS: ReadonlySet<string> = new Set(['plays', 'minutes', 'days', 'songs', 'artists', 'albums', 'streak'])

/** The days of a range of which plays may be missing, as ranges. */
export function useIncomplete(range: DateRange | null): DateRange[] {
  const { coverage } = useMe()
  if (!range || !coverage) return []
  return coverage.incomplete.flatMap(({ from, to }) =>
    from > range.to || to < range.from
      ? []
      : [{ from: from > range.from ? from : range.from, to: to < range.to ? to : range.to }],
  )
}

/** Says below a figure what its period lacks: "at least, since 3 May". */
export function useFigureNote(range: DateRange): (name: string, since?: Day | null) => string {
  const isIncomplete = useIncomplete(range).length > 0
  return (name, since) =>
    [
      ...(isIncomplete && LOWER_BOUNDS.has(name) ? ['at least'] : []),
      ...(since ? [`since ${formatDay(since)}`] : []),
    ].join(', ')
}
