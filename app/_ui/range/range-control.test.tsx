import { MantineProvider } from '@mantine/core'
import { PathnameContext, SearchParamsContext } from 'next/dist/shared/lib/hooks-client-context.shared-runtime.js'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import type { PeriodSelection } from '#lib/core/period.ts'
import { comparisonLabel, periodLabel } from './labels.ts'
import { pagePeriod, USUAL_PERIOD } from './page-period.ts'
import { PeriodProvider } from './period-context.tsx'
import { RangeControl } from './range-control.tsx'

const calendar = { zone: 'Europe/Berlin', today: '2026-11-18', weekStart: 1, firstDay: '2016-05-03' }

/** The HTML that the server sends for an address. */
function render(search: string, defaults: PeriodSelection = USUAL_PERIOD): string {
  return renderToString(
    <MantineProvider>
      <PathnameContext value="/overview">
        <SearchParamsContext value={new URLSearchParams(search)}>
          <PeriodProvider range={{ calendar, defaults }}>
            <RangeControl />
          </PeriodProvider>
        </SearchParamsContext>
      </PathnameContext>
    </MantineProvider>,
  )
}

/** The texts of an element that carries an attribute, without tags. */
const textsOf = (html: string, pattern: RegExp) =>
  [...html.matchAll(pattern)].map(([, text = '']) => text.replaceAll(/<svg.*?<\/svg>|<!-- -->|<[^>]*>/g, '').trim())

const buttons = (html: string) => textsOf(html, /<button[^>]*>(.*?)<\/button>/g)
const status = (html: string) => textsOf(html, /role="status"[^>]*>(.*?)<\//g)
const alerts = (html: string) => textsOf(html, /role="alert"[^>]*>(.*?)<\/p>/g)
const links = (html: string) =>
  [...html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'))

test.each([
  [
    '',
    'Last 28 days',
    'vs previous 28 days',
    'Last 28 days: 22 Oct – 18 Nov 2026, compared with 24 Sept – 21 Oct 2026',
  ],
  ['period=today', 'Today', 'vs yesterday', 'Today: 18 Nov 2026, compared with 17 Nov 2026'],
  ['period=this-week', 'This week', 'vs previous week', 'This week: 16 – 18 Nov 2026, compared with 9 – 11 Nov 2026'],
  [
    'from=2026-05-01&to=2026-05-31&compare=last-year',
    'May 2026',
    'vs a year earlier',
    'May 2026: 1 – 31 May 2026, compared with 1 – 31 May 2025',
  ],
  ['from=2025-01-01&to=2025-12-31&compare=none', '2025', 'Compare', '2025: 1 Jan – 31 Dec 2025'],
  [
    'from=2026-05-03&to=2026-05-17&compareFrom=2025-12-28&compareTo=2026-01-03',
    '3 – 17 May 2026',
    'vs 28 Dec 2025 – 3 Jan 2026',
    '3 – 17 May 2026: 3 – 17 May 2026, compared with 28 Dec 2025 – 3 Jan 2026',
  ],
  ['period=all', 'All time', 'Compare', 'All time: 3 May 2016 – 18 Nov 2026'],
])('?%s shows %s', (search, label, comparison, announced) => {
  const html = render(search)
  expect(buttons(html)).toEqual([label, 'Custom range', comparison, 'Custom range'])
  expect(status(html)).toEqual([announced])
  expect(alerts(html)).toEqual([])
})

test('an address with an invalid period shows the default and says so', () => {
  const html = render('from=2026-11-01&to=2030-01-01&compare=later')
  expect(buttons(html)[0]).toBe('Last 28 days')
  expect(alerts(html)).toEqual([
    '&quot;to&quot; is in the future in this address. Showing Last 28 days instead.',
    '&quot;compare&quot; has an unknown value in this address. Showing the usual comparison instead.',
  ])
})

test('links change the period, keep what else is in the address, and drop the cursor', () => {
  const hrefs = links(render('sort=name&cursor=abc&from=2026-10-01&to=2026-10-31&compare=last-year'))
  expect(hrefs).toContain('/overview?sort=name&period=7d&compare=last-year')
  expect(hrefs).toContain('/overview?sort=name&from=2026-09-01&to=2026-09-30&compare=last-year')
  expect(hrefs).toContain('/overview?sort=name&period=month&compare=last-year')
  expect(hrefs).toContain('/overview?sort=name&from=2026-10-01&to=2026-10-31&compare=none')
})

test('there is no link to a period after today or before the first play', () => {
  expect(links(render('period=28d')).length).toBe(9 + 1 + 3)
  expect(render('period=28d')).toMatch(/aria-disabled="true"[^>]*>.*?Next period</)
  expect(links(render('from=2016-05-01&to=2016-05-31')).length).toBe(9 + 1 + 3)
})

test('the server resolves the same address to the same request', async () => {
  const listener = { zone: 'Pacific/Chatham', weekStart: 7 }
  const search = (params: Record<string, string | string[]>) => pagePeriod(Promise.resolve(params), listener, null)
  expect((await search({})).query).toEqual({ period: '28d', compare: 'previous' })
  const { query, period, compared } = await search({ from: '2026-05-03', to: '2026-05-17', compare: 'last-year' })
  expect(query).toEqual({ from: '2026-05-03', to: '2026-05-17', compare: 'last-year' })
  expect(period).toEqual({ preset: null, from: '2026-05-03', to: '2026-05-17' })
  expect(compared).toEqual({ from: '2025-05-03', to: '2025-05-17' })
  expect((await search({ period: ['7d', '90d'], compare: 'nonsense' })).query).toEqual({
    period: '28d',
    compare: 'previous',
  })
  // The browser reads a repeated parameter in the same way.
  expect(buttons(render('period=7d&period=90d'))[0]).toBe('Last 28 days')
})

test('labels name calendar units and the days before', () => {
  const label = (from: string, to: string, weekStart = 1) => {
    const at = { ...calendar, weekStart }
    const period = { preset: null, from, to }
    return [periodLabel(period, at), comparisonLabel(period, 'previous', at)]
  }
  expect(label('2024-02-01', '2024-02-29')).toEqual(['February 2024', 'previous month'])
  expect(label('2026-11-09', '2026-11-15')).toEqual(['9 – 15 Nov 2026', 'previous week'])
  expect(label('2026-11-09', '2026-11-15', 7)).toEqual(['9 – 15 Nov 2026', 'previous 7 days'])
  expect(label('2026-11-17', '2026-11-17')).toEqual(['17 Nov 2026', 'the day before'])
})
