/** Monday at nine; later the same day when nobody was there to send it. */
const FROM_HOUR = 9
const TO_HOUR = 21

/** The local day when it is Monday after nine in a zone, `2026-05-04`, else null. */
export function mondayMorning(at: Date, zone: string): string | null {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at)
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? ''
  const hour = Number(part('hour'))
  if (!part('weekday').startsWith('Mon') || hour < FROM_HOUR || hour >= TO_HOUR) return null
  return `${part('year')}-${part('month')}-${part('day')}`
}
