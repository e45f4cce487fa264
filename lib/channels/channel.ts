import type { OutgoingMessage } from './message.ts'

/** Where a channel's messages go. Sealed as a whole. */
export interface Target {
  address: string
  /** Signs the messages to a webhook, or gives access to a protected topic. */
  secret?: string | undefined
}

/** What this instance may still do because it did so before a rule forbade it. */
export interface Legacy {
  /** Mail to another machine may be unencrypted as long as SMTP_TLS is not set. */
  unencryptedMail: boolean
}

/** A kind of channel: what its addresses look like and how a message is sent. */
export interface Channel {
  /** What is wrong with the address, as a sentence for its form field, or null. */
  problemOf(address: string): Promise<string | null>
  /** Why a saved address would be refused today although it still works, or null. */
  warningOf?(address: string, legacy: Legacy): string | null
  /** Creates the secret that signs messages to an address, for kinds that sign. */
  newSecret?(): string
  /**
   * Delivers the message.
   * @throws Transient if a retry may succeed, Wait if the receiver said when to retry, Stop if it will never succeed
   */
  send(target: Target, message: OutgoingMessage, legacy: Legacy): Promise<void>
}
