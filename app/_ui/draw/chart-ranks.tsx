import { formatCount } from '#app/_ui/format.ts'
import { titleOfChart, unitOfChart } from '#lib/api/chart-names.ts'
import type { ChartRankRow } from '#lib/charts/chart.ts'
import type { DrawingKind } from './drawing.ts'
import { rankCourses } from './rank-courses.tsx'

/** The ranks of one song in global charts, day by day. */
export const chartRanks: DrawingKind<ChartRankRow> = rankCourses({
  titleOf: ({ chart }) => titleOfChart(chart),
  header: 'Chart',
  usual: 1,
  detailOf: ({ chart, time_on_chart: time }) =>
    time === null ? null : `${formatCount(time, unitOfChart(chart))} on the chart`,
})
