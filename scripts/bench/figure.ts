/** A measured number with everything needed to judge it. */
export interface Figure {
  name: string
  value: number
  unit: '' | 's' | 'ms' | 'MB' | 'kB' | 'bytes' | 'requests' | 'runs/s' | '%' | '×'
  target?: { atMost: number } | { atLeast: number }
  /** What to compare the number with, in addition to its target. */
  baseline?: string
  /** How it was measured. */
  how: string
}

/** A part of the benchmark, which can be run alone by its name. */
export interface Part {
  title: string
  measure(): Promise<Figure[]>
}

export function verdictOf({ value, target }: Figure): 'met' | 'falls short' | 'no target' {
  if (!target) return 'no target'
  const met = 'atMost' in target ? value <= target.atMost : value >= target.atLeast
  return met ? 'met' : 'falls short'
}

/** The number with its unit. */
export function amountOf({ value, unit }: Pick<Figure, 'value' | 'unit'>): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return `${Number(value.toFixed(digits))} ${unit}`.trim()
}

/** The target as text; empty without one. */
export function targetOf({ target, unit }: Figure): string {
  if (!target) return ''
  return 'atMost' in target
    ? `at most ${amountOf({ value: target.atMost, unit })}`
    : `at least ${amountOf({ value: target.atLeast, unit })}`
}

/** One line for the console. */
export function lineOf(figure: Figure): string {
  const target = targetOf(figure)
  const verdict = target ? ` (${target}: ${verdictOf(figure)})` : ''
  const baseline = figure.baseline ? `; ${figure.baseline}` : ''
  return `  ${figure.name}: ${amountOf(figure)}${verdict}${baseline}`
}
