const UNITS: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

const LENGTHS = /^(\d+(\.\d+)?(ms|[smhdw]))+$/
const INSTANT = /^\d{4}-\d{2}-\d{2}T/

/**
 * How long a sleep lasts from `from` on, in milliseconds, never negative.
 * The SDK writes lengths as `1h30m` and instants as ISO 8601.
 *
 * @returns undefined when the text is neither
 */
export function sleepLength(text: string, from: Date): number | undefined {
  if (INSTANT.test(text)) {
    const until = Date.parse(text)
    return Number.isNaN(until) ? undefined : Math.max(0, until - from.getTime())
  }
  if (!LENGTHS.test(text)) return undefined
  let sum = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    sum += Number(amount) * (UNITS[unit ?? ''] ?? 0)
  }
  return sum
}
