import type { OutgoingMessage } from './message.ts'

/** Where a channel's messages go; sealed as a whole. */
export interface Target {
  address: string
  /** Signs messages to a webhook, or lets into a protected topic. */
  secret?: string | undefined
}

/** One kind of channel: how its address looks and how a message gets there. */
export interface Channel {
  /** What is wrong with the address, as a sentence for its field; null when nothing is. */
  problemOf(address: string): Promise<string | null>
  /**
   * Delivers or throws.
   * @throws Transient when it may arrive later, Wait when the receiver said when, Stop when it never will
   */
  send(target: Target, message: OutgoingMessage): Promise<void>
}
