/** What every kind of channel can say. Words are plain text; each kind escapes them as its receiver wants. */
export interface OutgoingMessage {
  /** Stays the same however often it is sent, so that a receiver can tell a repetition. */
  id: string
  event: string
  title: string
  /** When it happened, ISO 8601 UTC, and as the listener reads it. */
  at: string
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

/** What there is to say besides the title, in order. */
export function detailsOf({ facts, problem, remedy, localTime: atWords }: OutgoingMessage): [label: string, value: string][] {
  return [
    ...Object.entries(facts),
    ...(problem ? [['Problem', problem] satisfies [string, string]] : []),
    ...(remedy ? [['What to do', remedy] satisfies [string, string]] : []),
    ['Time', atWords],
  ]
}
