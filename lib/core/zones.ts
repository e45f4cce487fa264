/**
 * Whether a name is a time zone. Browsers disagree on some names (Asia/Kolkata, Asia/Calcutta), so any name that Intl
 * accepts is valid. Plain offsets are refused, because they have no daylight saving time.
 */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
