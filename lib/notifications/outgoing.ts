import type { OutgoingMessage } from '#lib/channels/index.ts'
import { appUrl } from '#lib/core/config.ts'
import { Content } from './alerts.ts'

interface Written {
  id: string
  event: string
  content: unknown
}

/** A message as it leaves: times in the listener's zone, the link with the address of this installation. */
export function outgoing({ id, event, content }: Written, zone: string): OutgoingMessage {
  const { title, at, since, facts, problem, remedy, path } = Content.parse(content)
  return {
    id,
    event,
    title,
    at,
    atWords: inZone(at, zone),
    facts: inWords(since ? { ...facts, Since: since } : facts, zone),
    problem,
    remedy,
    link: `${appUrl()}${path}`,
  }
}

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

/** Instants among the facts become what the listener's clock shows. */
function inWords(facts: Record<string, string>, zone: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(facts).map(([label, value]) => [label, INSTANT.test(value) ? inZone(value, zone) : value]),
  )
}

/** An instant as clocks in a zone show it, with the zone's name. */
export function inZone(instant: string, zone: string): string {
  const words = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: zone })
  return `${words.format(new Date(instant))} (${zone})`
}
