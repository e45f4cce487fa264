import { z } from 'zod'
import { COMPARISONS, isDay, NOT_A_DAY, PRESETS } from '#lib/core/period.ts'

const day = (meaning: string) =>
  z
    .string()
    .refine(isDay, `${NOT_A_DAY.message}. ${NOT_A_DAY.remedy}`)
    .optional()
    .describe(meaning)
    .meta({ format: 'date' })

/**
 * The query parameters of everything that is about a period. Which days exist, and which parameters exclude each other,
 * is checked by `resolveQuery`, because it depends on the listener's zone.
 */
export const PeriodQuery = z.object({
  period: z
    .enum(PRESETS)
    .optional()
    .describe('The last days up to today, or a week, month or year up to today, in your time zone'),
  from: day('Instead of period, with to: the first day, YYYY-MM-DD, not before 2006'),
  to: day('The last day, which is included; not in the future'),
  compare: z
    .enum(COMPARISONS)
    .optional()
    .describe('What to compare with: the period directly before, or the same dates a year earlier'),
  compareFrom: day('Instead of compare, with compareTo: the first day to compare with'),
  compareTo: day('The last day to compare with'),
})
export type PeriodQuery = z.infer<typeof PeriodQuery>
