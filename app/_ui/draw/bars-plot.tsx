'use client'

import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { formatCount, formatNumber } from '#app/_ui/format.ts'
import { axisWidth } from './axis.ts'
import { type Bars, barLabel, barName, UNITS } from './bar-labels.ts'
import type { ChartRow } from './drawing.ts'
import classes from './rank-lines.module.css'

const amountOf = (row: ChartRow, field: string) => Number(row[field] ?? 0)

/** @param height of the plot in pixels */
export function BarsPlot({ rows, draw, height }: { rows: ChartRow[]; draw: Bars; height: number }) {
  const { x, y, behind, labels, unit } = draw
  const label = (row: ChartRow | undefined) => (row ? barName(labels, row[x] as string | number) : '')
  const name = UNITS[unit]
  return (
    <div className={classes.plot}>
      <ResponsiveContainer width="100%" height={height}>
        <BarChart data={rows} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} maxBarSize={40}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey={x}
            tickFormatter={(value: string | number) => barLabel(labels, value)}
            tickLine={false}
            axisLine={false}
            minTickGap={labels === 'day' ? 16 : 4}
          />
          <YAxis
            allowDecimals={false}
            tickLine={false}
            axisLine={false}
            width={axisWidth(rows.flatMap((row) => [amountOf(row, y), behind ? amountOf(row, behind) : 0]))}
            tickFormatter={(value: number) => formatNumber(value)}
          />
          <Tooltip
            isAnimationActive={false}
            cursor={{ fill: 'var(--line)' }}
            content={({ active, payload }) => {
              const row = payload[0]?.payload as ChartRow | undefined
              if (!active || !row) return null
              const before = behind ? row[behind] : null
              return (
                <div className={classes.tooltip}>
                  <p className={classes.tooltipDay}>{label(row)}</p>
                  <p>{formatCount(Number(row[y]), name)}</p>
                  {typeof before === 'number' && <p>compared: {formatCount(before, name)}</p>}
                </div>
              )
            }}
          />
          {/* Bars of two axes lie behind each other; those of one stand side by side. */}
          {behind && <XAxis dataKey={x} xAxisId="behind" hide />}
          {behind && <Bar dataKey={behind} xAxisId="behind" fill="var(--line)" isAnimationActive={false} />}
          <Bar dataKey={y} fill="var(--series-1)" isAnimationActive={false} radius={[2, 2, 0, 0]} />
        </BarChart>
      </ResponsiveContainer>
    </div>
  )
}
