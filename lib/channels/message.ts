/** A message for any kind of channel. All texts are plain; each kind escapes them for its receiver. */
export interface OutgoingMessage {
  /** Stays the same when the message is sent again, so that a receiver can recognize duplicates. */
  id: string
  event: string
  title: string
  /** When it happened, ISO 8601 UTC. */
  at: string
  /** The same time in the listener's time zone, as text. */
  localTime: string
  facts: Record<string, string>
  problem: string | null
  remedy: string | null
  /** The page with the details. */
  link: string
}

/** Everything as lines of plain text, the link last. */
export function linesOf(message: OutgoingMessage): string[] {
  return [...detailsOf(message).map(([label, value]) => `${label}: ${value}`), '', message.link]
}

/** Everything except the title, in order. */
export function detailsOf({ facts, problem, remedy, localTime }: OutgoingMessage): [label: string, value: string][] {
  return [
    ...Object.entries(facts),
    ...(problem ? [['Problem', problem] satisfies [string, string]] : []),
    ...(remedy ? [['What to do', remedy] satisfies [string, string]] : []),
    ['Time', localTime],
  ]
}
