import { notFound } from 'next/navigation'
import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { getCharts } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { calendarOf, daysOfYear, isYear } from '#lib/core/period.ts'
import { queryCharts } from '#lib/query/query-chart.ts'
import { LIST_CHARTS, LIST_LENGTH, queriesOf, YEAR_CHARTS } from './charts.ts'
import { Recap } from './recap.tsx'

interface Props {
  params: Promise<{ year: string }>
}

export async function generateMetadata({ params }: Props) {
  const { year } = await params
  return { title: /^\d{4}$/.test(year) ? `Recap ${year}` : 'Not found' }
}

export default async function RecapPage({ params }: Props) {
  const listener = await requireListener()
  const { year } = await params
  const calendar = calendarOf(listener, null)
  if (!isYear(year, calendar)) notFound()
  const days = daysOfYear(year, calendar)
  const queries = queriesOf(year, days)
  const { limit: _, ...lists } = queries.lists
  return (
    <Prefetched
      responses={[
        prefetch(getCharts, () => queryCharts(listener.id, YEAR_CHARTS, { params: queries.year }), {
          query: { names: YEAR_CHARTS.join(','), ...queries.year },
        }),
        prefetch(getCharts, () => queryCharts(listener.id, LIST_CHARTS, { limit: LIST_LENGTH, params: lists }), {
          query: { names: LIST_CHARTS.join(','), ...queries.lists },
        }),
      ]}
    >
      <Recap year={year} days={days} />
    </Prefetched>
  )
}
