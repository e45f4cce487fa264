'use client'

import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { formatMonth, formatNumber } from '#app/_ui/format.ts'
import { axisWidth } from './axis.ts'
import type { MonthBars } from './bar-labels.ts'
import type { ChartRow } from './drawing.ts'
import classes from './insights.module.css'
import plotClasses from './rank-lines.module.css'

const colorOf = (index: number) => `var(--series-${index + 1})`

/** @param height of the plot in pixels, without the legend */
export function MonthBarsPlot({ rows, draw, height }: { rows: ChartRow[]; draw: MonthBars; height: number }) {
  const { x, series } = draw
  return (
    <div className={plotClasses.plot}>
      <ResponsiveContainer width="100%" height={height}>
        <BarChart data={rows} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} barGap={1}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey={x}
            tickFormatter={(month: string) => formatMonth(month)}
            tickLine={false}
            axisLine={false}
            minTickGap={24}
          />
          <YAxis
            allowDecimals={false}
            tickLine={false}
            axisLine={false}
            width={axisWidth(rows.flatMap((row) => series.map(({ field }) => Number(row[field] ?? 0))))}
            tickFormatter={(value: number) => formatNumber(value)}
          />
          <Tooltip
            isAnimationActive={false}
            cursor={{ fill: 'var(--line)' }}
            content={({ active, payload }) => {
              const row = payload[0]?.payload as ChartRow | undefined
              if (!active || !row) return null
              return (
                <div className={plotClasses.tooltip}>
                  <p className={plotClasses.tooltipDay}>{formatMonth(String(row[x]))}</p>
                  {series.map(({ field, name }) => (
                    <p key={field}>
                      {name}: {formatNumber(Number(row[field]))}
                    </p>
                  ))}
                </div>
              )
            }}
          />
          {series.map(({ field }, index) => (
            <Bar
              key={field}
              dataKey={field}
              fill={colorOf(index)}
              isAnimationActive={false}
              radius={[2, 2, 0, 0]}
              maxBarSize={40}
            />
          ))}
        </BarChart>
      </ResponsiveContainer>
      <ul className={classes.legend} aria-label="Colors" data-legend>
        {series.map(({ field, name }, index) => (
          <li key={field}>
            <svg width="12" height="12" aria-hidden="true">
              <rect width="12" height="12" rx="3" fill={colorOf(index)} />
            </svg>
            {name}
          </li>
        ))}
      </ul>
    </div>
  )
}
