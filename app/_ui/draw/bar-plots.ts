'use client'

/** The plots with bars. Loaded together, because each would bring its own copy of what Recharts draws bars with. */
export { BarsPlot } from './bars-plot.tsx'
export { GenreSharesPlot } from './genre-shares-plot.tsx'
export { MonthBarsPlot } from './month-bars-plot.tsx'
export { TrendPlot } from './trend-plot.tsx'
