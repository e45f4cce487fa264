'use client'

import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { SERIES_COUNT } from '#app/theme.ts'
import type { GenreShareRow } from '#lib/charts/chart.ts'
import { coveredIn, type GenreSeries, percentOf, seriesOf, stepName } from './genre-series.ts'
import classes from './insights.module.css'
import plotClasses from './rank-lines.module.css'

/** Where the colors end they repeat, paler. */
function colorOf({ kind, place }: GenreSeries): string {
  if (kind === 'other') return 'var(--state-queued)'
  const color = `var(--series-${((place - 1) % SERIES_COUNT) + 1})`
  return place <= SERIES_COUNT ? color : `color-mix(in srgb, ${color} 50%, var(--surface))`
}

type Bars = Pick<GenreShareRow, 'since' | 'step'> & { shares: Record<number, number>; rows: GenreShareRow[] }

/** A bar for each month or year, with the share of each place. */
function barsOf(rows: GenreShareRow[]): Bars[] {
  const bars = new Map<string, Bars>()
  for (const row of rows) {
    const { since, step, place, share } = row
    const bar = bars.get(since) ?? { since, step, shares: {}, rows: [] }
    bar.rows.push(row)
    if (share !== null) bar.shares[place] = share
    bars.set(since, bar)
  }
  return [...bars.values()]
}

/** @param height of the plot in pixels, without the legend */
export function GenreSharesPlot({
  rows,
  height,
}: {
  rows: (GenreShareRow & Record<string, unknown>)[]
  height: number
}) {
  const series = seriesOf(rows).filter(({ kind }) => kind !== 'none')
  const bars = barsOf(rows)
  const nameOf = (since: string) => stepName({ since, step: bars[0]?.step ?? 'month' })
  return (
    <div className={plotClasses.plot}>
      <ResponsiveContainer width="100%" height={height}>
        <BarChart data={bars} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} barCategoryGap="8%">
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis dataKey="since" tickFormatter={nameOf} tickLine={false} axisLine={false} minTickGap={24} />
          <YAxis
            domain={[0, 100]}
            ticks={[0, 25, 50, 75, 100]}
            tickLine={false}
            axisLine={false}
            width={44}
            tickFormatter={percentOf}
          />
          <Tooltip
            isAnimationActive={false}
            cursor={{ fill: 'var(--line)' }}
            content={({ active, payload }) => {
              const bar = payload[0]?.payload as Bars | undefined
              if (!active || !bar) return null
              return (
                <div className={plotClasses.tooltip}>
                  <p className={plotClasses.tooltipDay}>{stepName(bar)}</p>
                  {series
                    .filter(({ place }) => bar.shares[place])
                    .map(({ place, name }) => (
                      <p key={place}>
                        {name}: {percentOf(bar.shares[place] ?? 0)}
                      </p>
                    ))}
                  <p>{percentOf(coveredIn(bar.rows))} of plays have a genre</p>
                </div>
              )
            }}
          />
          {series.map((one) => (
            <Bar
              key={one.place}
              dataKey={({ shares }: Bars) => shares[one.place] ?? 0}
              stackId="genres"
              fill={colorOf(one)}
              isAnimationActive={false}
              maxBarSize={56}
            />
          ))}
        </BarChart>
      </ResponsiveContainer>
      <ul className={classes.legend} aria-label="Colors" data-legend>
        {series.map((one) => (
          <li key={one.place}>
            <svg width="12" height="12" aria-hidden="true">
              <rect width="12" height="12" rx="3" fill={colorOf(one)} />
            </svg>
            {one.name}
          </li>
        ))}
      </ul>
    </div>
  )
}
