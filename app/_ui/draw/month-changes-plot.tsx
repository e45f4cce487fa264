'use client'

import { Bar, BarChart, CartesianGrid, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { formatMonth, formatNumber } from '#app/_ui/format.ts'
import type { MonthChangesRow } from '#lib/charts/chart.ts'
import { axisWidth } from './axis.ts'
import classes from './rank-lines.module.css'

/** @param height of the plot in pixels */
export function MonthChangesPlot({ rows, height }: { rows: MonthChangesRow[]; height: number }) {
  const data = rows.map((row) => ({ ...row, below: -row.removed }))
  return (
    <div className={classes.plot}>
      <ResponsiveContainer width="100%" height={height}>
        <BarChart data={data} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} stackOffset="sign">
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="month"
            tickFormatter={formatMonth}
            tickLine={false}
            axisLine={false}
            minTickGap={24}
            interval="preserveStartEnd"
          />
          <YAxis
            allowDecimals={false}
            tickFormatter={(value: number) => formatNumber(Math.abs(value))}
            tickLine={false}
            axisLine={false}
            width={axisWidth(rows.flatMap(({ added, removed }) => [added, removed]))}
          />
          <ReferenceLine y={0} stroke="var(--line)" />
          <Tooltip
            isAnimationActive={false}
            cursor={{ fill: 'var(--line)' }}
            content={({ active, payload }) => {
              const row = payload[0]?.payload as MonthChangesRow | undefined
              if (!active || !row) return null
              return (
                <div className={classes.tooltip}>
                  <p className={classes.tooltipDay}>{formatMonth(row.month)}</p>
                  <p>{formatNumber(row.added)} added</p>
                  <p>{formatNumber(row.removed)} removed</p>
                </div>
              )
            }}
          />
          <Bar
            dataKey="added"
            stackId="changes"
            fill="var(--series-1)"
            isAnimationActive={false}
            radius={[2, 2, 0, 0]}
          />
          <Bar
            dataKey="below"
            stackId="changes"
            fill="var(--series-5)"
            isAnimationActive={false}
            radius={[2, 2, 0, 0]}
          />
        </BarChart>
      </ResponsiveContainer>
    </div>
  )
}
