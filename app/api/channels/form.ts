import { z } from 'zod'

/** Fields of a notification channel, as they are sent. Whether the address can be used is looked at by the deed. */

const label = z.string().trim().min(1, 'needs a name').max(60, 'is longer than 60 characters')
const address = z.string().trim().min(1, 'is missing').max(2000, 'is longer than 2,000 characters')
const token = z
  .string()
  .trim()
  .max(500, 'is longer than 500 characters')
  // It becomes a header.
  .regex(/^[\x21-\x7e]*$/, 'holds characters that no token has')
  .transform((text) => text || undefined)
  .optional()
const events = z
  .array(z.enum(['succeeded', 'failed', 'incomplete', 'recovered', 'consent ending', 'weekly summary']))
  .min(1, 'Choose at least one')

export const NewChannel = z.object({
  kind: z.enum(['slack', 'discord', 'ntfy', 'webhook', 'email']),
  label,
  address,
  token,
  events,
})

export const ChannelChange = z.object({
  label: label.optional(),
  address: address.optional(),
  token,
  events: events.optional(),
})
