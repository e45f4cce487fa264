'use client'

import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { formatDay } from '#app/_ui/format.ts'
import { Movement } from '#app/_ui/movement.tsx'
import { SERIES_COUNT } from '#app/theme.ts'
import { changeAt, type Lines } from './lines.ts'
import classes from './rank-lines.module.css'

/** Besides its color, each line has its own pattern. */
const PATTERNS = ['0', '7 4', '2 4', '12 4', '8 4 2 4', '4 3', '14 4 2 4', '1 5']

const TICK_STEPS = 5

/** Up to this many days, lines are hard to see without points. */
const MAX_DAYS_WITH_POINTS = 10

function strokeOf(index: number) {
  return {
    stroke: `var(--series-${(index % SERIES_COUNT) + 1})`,
    strokeDasharray: PATTERNS[index % PATTERNS.length],
    strokeWidth: 2,
  }
}

/** Axis ticks from rank 1 to the lowest rank. */
function rankTicks(lowest: number): number[] {
  const step = Math.max(1, Math.ceil((lowest - 1) / TICK_STEPS))
  return Array.from({ length: Math.floor((lowest - 1) / step) + 1 }, (_, index) => 1 + index * step)
}

/** Tooltip of one day: each leader's rank, name and change since the day before. */
function DayTooltip({ lines, index }: { lines: Lines; index: number }) {
  const ranking = lines.lines
    .map((line) => ({ id: line.id, name: line.name, rank: line.ranks[index], change: changeAt(line, index) }))
    .filter((line) => line.rank != null)
    .sort((a, b) => Number(a.rank) - Number(b.rank))
  return (
    <div className={classes.tooltip}>
      <p className={classes.tooltipDay}>{formatDay(lines.days[index] ?? '')}</p>
      {ranking.map(({ id, name, rank, change }) => (
        <p key={id} className={classes.tooltipRow}>
          <span>{rank}</span>
          <span className={classes.tooltipName}>{name}</span>
          {change !== null && <Movement change={change} />}
        </p>
      ))}
    </div>
  )
}

/** Names of the lines below the plot, in the order of the last day. */
function Legend({ lines }: { lines: Lines['lines'] }) {
  return (
    <ol className={classes.legend} data-legend>
      {lines.map(({ id, name }, index) => (
        <li key={id}>
          <svg width="28" height="8" aria-hidden="true">
            <line x1="0" y1="4" x2="28" y2="4" {...strokeOf(index)} />
          </svg>
          {name}
        </li>
      ))}
    </ol>
  )
}

/** @param height of the plot in pixels, without the legend */
export function RankLinesPlot({ lines, height }: { lines: Lines; height: number }) {
  const points = lines.days.map((_, index) => ({ index }))
  return (
    <>
      <div className={classes.plot}>
        <ResponsiveContainer width="100%" height={height}>
          <LineChart data={points} margin={{ top: 8, right: 12, bottom: 0, left: 0 }} title="Ranks by day">
            <CartesianGrid vertical={false} stroke="var(--line)" />
            <XAxis
              dataKey="index"
              tickFormatter={(index: number) => formatDay(lines.days[index] ?? '')}
              tickLine={false}
              axisLine={false}
              minTickGap={40}
            />
            <YAxis
              reversed
              domain={[1, lines.lowest]}
              ticks={rankTicks(lines.lowest)}
              interval={0}
              allowDecimals={false}
              tickLine={false}
              axisLine={false}
              width={32}
            />
            <Tooltip
              isAnimationActive={false}
              content={({ active, label }) => (active ? <DayTooltip lines={lines} index={Number(label)} /> : null)}
            />
            {lines.lines.map((line, index) => (
              <Line
                key={line.id}
                name={line.name}
                dataKey={({ index: day }: { index: number }) => line.ranks[day]}
                {...strokeOf(index)}
                type="monotone"
                dot={lines.days.length <= MAX_DAYS_WITH_POINTS}
                isAnimationActive={false}
              />
            ))}
          </LineChart>
        </ResponsiveContainer>
      </div>
      <Legend lines={lines.lines} />
    </>
  )
}
