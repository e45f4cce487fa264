import { redirect } from 'next/navigation'
import { requireListener } from '#lib/auth/auth.ts'
import { isExplained } from '#lib/core/errors.ts'
import { calendarOf } from '#lib/core/period.ts'
import { queryChart } from '#lib/query/query-chart.ts'

/** Leads to the newest year with plays; if years can't be queried now, to this year, where the charts show why. */
export default async function RecapRedirect(): Promise<never> {
  const listener = await requireListener()
  const thisYear = calendarOf(listener, null).today.slice(0, 4)
  const years = await queryChart(listener.id, 'recap-years', { year: thisYear }).catch((error: unknown) => {
    if (isExplained(error)) return null
    throw error
  })
  redirect(`/recap/${years?.rows.findLast(({ plays }) => Number(plays) > 0)?.year ?? thisYear}`)
}
