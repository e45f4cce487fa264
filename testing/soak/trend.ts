/** Whether something grows, judged by samples that were taken at equal distances while the same work went on. */

export interface Series {
  name: string
  unit: string
  /** How much more at the end than at the beginning is still noise. */
  tolerance: number
  samples: number[]
}

/** The median of the last third minus the median of the first one. */
export function growthOf({ samples }: Pick<Series, 'samples'>): number {
  const third = Math.max(1, Math.floor(samples.length / 3))
  return median(samples.slice(-third)) - median(samples.slice(0, third))
}

export function isFlat(series: Series): boolean {
  return growthOf(series) <= series.tolerance
}

function median(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
}
