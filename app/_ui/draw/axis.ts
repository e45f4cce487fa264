import { formatNumber } from '#app/_ui/format.ts'

/** Pixels of a digit in the plots' font, and of the tick and the gap beside a label. */
const DIGIT = 8
const BESIDE = 14
/** The highest label is a round number above the highest value. */
const ROUNDED_UP = 1.4

/**
 * Pixels that the labels of a value axis need. Measuring them, as the chart library can, is too narrow where the page's font
 * arrives after the first drawing.
 */
export function axisWidth(values: (number | null)[]): number {
  const highest = Math.max(1, ...values.map((value) => Math.abs(value ?? 0)))
  return BESIDE + DIGIT * formatNumber(highest * ROUNDED_UP).length
}
