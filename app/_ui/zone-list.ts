/** All time zones by name. Browsers omit UTC and old names from their list. */
export function zonesWith(chosen: string): string[] {
  return [...new Set([chosen, 'UTC', ...Intl.supportedValuesOf('timeZone')])].sort()
}
