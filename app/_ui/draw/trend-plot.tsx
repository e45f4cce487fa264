'use client'

import { Bar, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { formatCount, formatDay, formatDays, formatMonth, formatNumber } from '#app/_ui/format.ts'
import type { TrendRow } from '#lib/charts/chart.ts'
import { axisWidth } from './axis.ts'
import { percentChange } from './figures.tsx'
import insights from './insights.module.css'
import classes from './rank-lines.module.css'

const DAY_OPACITY = 0.35

const dayName = (day: string) => formatDays({ from: day, to: day })

function DayTooltip({ row }: { row: TrendRow }) {
  const change = row.rolling_minutes === null ? null : percentChange(row.rolling_minutes, row.previous_minutes)
  return (
    <div className={classes.tooltip}>
      <p className={classes.tooltipDay}>{dayName(row.day)}</p>
      {row.minutes !== null && <p>{formatCount(row.minutes, 'minute')} on the day</p>}
      {row.rolling_minutes !== null && (
        <p>
          {formatCount(row.rolling_minutes, 'minute')} in 7 days {change?.symbol}
        </p>
      )}
    </div>
  )
}

/** Days as bars, their average over seven days as a line. @param height in pixels */
export function TrendPlot({ rows, height }: { rows: TrendRow[]; height: number }) {
  const isDaily = rows.some(({ minutes }) => minutes !== null)
  return (
    <div className={classes.plot}>
      <ResponsiveContainer width="100%" height={height}>
        <ComposedChart data={rows} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} maxBarSize={40}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="day"
            tickFormatter={(day: string) => (isDaily ? formatDay(day) : formatMonth(day))}
            tickLine={false}
            axisLine={false}
            minTickGap={32}
          />
          <YAxis
            allowDecimals={false}
            tickLine={false}
            axisLine={false}
            width={axisWidth(rows.flatMap(({ minutes, average }) => [minutes, average]))}
            tickFormatter={(value: number) => formatNumber(value)}
          />
          <Tooltip
            isAnimationActive={false}
            cursor={{ fill: 'var(--line)' }}
            content={({ active, payload }) => {
              const row = payload[0]?.payload as TrendRow | undefined
              return active && row ? <DayTooltip row={row} /> : null
            }}
          />
          <Bar
            dataKey="minutes"
            fill="var(--series-1)"
            fillOpacity={DAY_OPACITY}
            isAnimationActive={false}
            radius={[2, 2, 0, 0]}
          />
          <Line
            dataKey="average"
            stroke="var(--series-2)"
            strokeWidth={2}
            type="monotone"
            dot={rows.filter(({ average }) => average !== null).length === 1}
            isAnimationActive={false}
          />
        </ComposedChart>
      </ResponsiveContainer>
      <ul className={insights.legend} aria-label="Colors" data-legend>
        {isDaily && (
          <li>
            <svg width="12" height="12" aria-hidden="true">
              <rect width="12" height="12" rx="3" fill="var(--series-1)" fillOpacity={DAY_OPACITY} />
            </svg>
            Minutes of the day
          </li>
        )}
        <li>
          <svg width="20" height="8" aria-hidden="true">
            <line x1="0" y1="4" x2="20" y2="4" stroke="var(--series-2)" strokeWidth="2" />
          </svg>
          Average of 7 days
        </li>
      </ul>
    </div>
  )
}
