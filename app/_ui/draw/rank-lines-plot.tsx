'use client'

import { useElementSize } from '@mantine/hooks'
import { CartesianGrid, LineChart, Line as LineOf, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { formatDay } from '#app/_ui/format.ts'
import { Movement } from '#app/_ui/movement.tsx'
import { SERIES_COUNT } from '#app/theme.ts'
import { changeAt, dayNumber, isAlone, type Line, type Lines, rankTicks, tickDays } from './lines.ts'
import classes from './rank-lines.module.css'

/** Up to this many days, lines are hard to see without points. */
const MAX_DAYS_WITH_POINTS = 10

/** Space for the names at the line ends, and what fits. A narrow plot has no room for what has left the list. */
const WIDE = { from: 640, margin: 190, characters: 27, ticks: 6, showsLeft: true }
const NARROW = { margin: 116, characters: 15, ticks: 3, showsLeft: false }

/** Names stand at the line ends; colors repeat with dashes. Entries that left the list stay in the background. */
function strokeOf({ left }: Line, index: number) {
  if (left !== null) return { stroke: 'var(--state-queued)', strokeWidth: 1.5, strokeOpacity: 0.45 }
  return {
    stroke: `var(--series-${(index % SERIES_COUNT) + 1})`,
    strokeDasharray: index < SERIES_COUNT ? undefined : '7 4',
    strokeWidth: 2.5,
  }
}

function shorten(name: string, characters: number): string {
  const all = [...name]
  return all.length <= characters
    ? name
    : `${all
        .slice(0, characters - 1)
        .join('')
        .trimEnd()}…`
}

/** Tooltip of one day: each entry's rank, name and change since the day before. */
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

interface PointProps {
  index?: number
  x?: string | number
  y?: string | number
  cx?: string | number
  cy?: string | number
}

/** A bump chart: the ranks of each day, with names at the line ends. @param height in pixels */
export function RankLinesPlot({ lines, height }: { lines: Lines; height: number }) {
  const { ref, width } = useElementSize()
  const { margin, characters, ticks, showsLeft } = width >= WIDE.from ? WIDE : NARROW
  const { days } = lines
  const points = days.map((day, index) => ({ day: dayNumber(day), index }))
  const indexOf = (day: number) => points.findIndex((point) => point.day === day)
  const label = (day: number) => formatDay(days[indexOf(day)] ?? '')
  const last = days.length - 1
  return (
    <div ref={ref} className={classes.plot}>
      <ResponsiveContainer width="100%" height={height}>
        <LineChart data={points} margin={{ top: 12, right: margin, bottom: 0, left: 0 }} title="Ranks by day">
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="day"
            type="number"
            domain={['dataMin', 'dataMax']}
            ticks={tickDays(days, ticks).map(dayNumber)}
            tickFormatter={label}
            tickLine={false}
            axisLine={false}
            tickMargin={8}
          />
          <YAxis
            reversed
            domain={[1, lines.lowest]}
            ticks={rankTicks(lines.lowest)}
            interval={0}
            tickLine={false}
            axisLine={false}
            padding={{ bottom: 8 }}
            width={32}
          />
          <Tooltip
            isAnimationActive={false}
            content={({ active, label: day }) =>
              active ? <DayTooltip lines={lines} index={indexOf(Number(day))} /> : null
            }
          />
          {/* What is in the list now is drawn last, so that it is in front. */}
          {lines.lines
            .map((line, index) => ({ line, stroke: strokeOf(line, index) }))
            .toReversed()
            .filter(({ line }) => showsLeft || line.left === null)
            .map(({ line, stroke }) => (
              <LineOf
                key={line.id}
                name={line.name}
                dataKey={({ index }: { index: number }) => line.ranks[index]}
                {...stroke}
                type="bumpX"
                isAnimationActive={false}
                activeDot={{ r: 4 }}
                dot={({ index = 0, cx, cy }: PointProps) =>
                  cx != null &&
                  cy != null &&
                  (days.length <= MAX_DAYS_WITH_POINTS || index === last || isAlone(line, index)) ? (
                    <circle key={index} cx={cx} cy={cy} r={3.5} fill={stroke.stroke} opacity={stroke.strokeOpacity} />
                  ) : (
                    <g key={index} />
                  )
                }
                label={({ index, x, y }: PointProps) =>
                  index === last && line.ranks[last] != null ? (
                    <text className={classes.endLabel} x={Number(x) + 10} y={y} dominantBaseline="central">
                      {shorten(line.name, characters)}
                    </text>
                  ) : (
                    <g />
                  )
                }
              />
            ))}
        </LineChart>
      </ResponsiveContainer>
    </div>
  )
}
