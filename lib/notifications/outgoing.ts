import type { OutgoingMessage } from '#lib/channels/index.ts'
import { appUrl } from '#lib/core/config.ts'
import { Content } from './alerts.ts'

interface Written {
  id: string
  event: string
  content: unknown
}

/** A message as a channel sends it: times in the listener's zone, absolute links. */
export function outgoing({ id, event, content }: Written, zone: string): OutgoingMessage {
  const { title, at, since, facts, problem, remedy, path } = Content.parse(content)
  return {
    id,
    event,
    title,
    at,
    localTime: inZone(at, zone),
    facts: formatFacts(since ? { ...facts, Since: since } : facts, zone),
    problem,
    remedy,
    link: `${appUrl()}${path}`,
  }
}

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

/** Formats the times among the facts in the listener's zone. */
function formatFacts(facts: Record<string, string>, zone: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(facts).map(([label, value]) => [label, INSTANT.test(value) ? inZone(value, zone) : value]),
  )
}

/** An instant in a zone's local time, with the zone's name. */
export function inZone(instant: string, zone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: zone })
  return `${format.format(new Date(instant))} (${zone})`
}
