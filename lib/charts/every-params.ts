import { z } from 'zod'

/**
 * All combinations of a chart's parameter values. They are finite, so that every result can be prepared ahead.
 * @throws Error for a parameter without a finite list of values; the contract test of the charts checks each of them
 */
export function everyParams(params: z.ZodType): Record<string, string>[] {
  if (!(params instanceof z.ZodObject)) throw new Error('The parameters of a chart are an object')
  return Object.entries(params.shape).reduce<Record<string, string>[]>(
    (known, [name, choice]) =>
      choicesOf(name, choice).flatMap((value) => known.map((rest) => ({ ...rest, [name]: value }))),
    [{}],
  )
}

function choicesOf(name: string, choice: unknown): string[] {
  const inner = choice instanceof z.ZodDefault ? choice.unwrap() : choice
  if (inner instanceof z.ZodEnum) return inner.options.map(String)
  throw new Error(`The parameter "${name}" of a chart has no finite list of values`)
}
