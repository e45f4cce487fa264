/**
 * Whether a name is a time zone. Browsers do not agree on the names of some (Asia/Kolkata, Asia/Calcutta), so what
 * counts is that the clock understands it. Bare offsets are refused: they know no summer.
 */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
