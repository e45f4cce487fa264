import { z } from 'zod'
import { CHANNEL_KINDS } from '#lib/channels/kinds.ts'
import { defineEndpoint } from './endpoint.ts'
import { NOTIFICATION_EVENTS } from './lists.ts'
import { problem, Time } from './shapes.ts'

export const Channel = z
  .strictObject({
    id: z.string(),
    kind: z.enum(CHANNEL_KINDS),
    label: z.string(),
    events: z.array(z.enum(NOTIFICATION_EVENTS)),
    savedAt: Time.describe('When the address was saved'),
    lastSentAt: Time.nullable().describe('When a message was last delivered'),
    problem: z.string().nullable().describe('Why the last message was not delivered'),
    warning: z.string().nullable().describe('Why a new channel like this would be refused; this one still works'),
  })
  .meta({ id: 'Channel', description: 'A notification channel. Its address is write-only' })
export type Channel = z.infer<typeof Channel>

export const ChannelsResponse = z
  .strictObject({ channels: z.array(Channel), canMail: z.boolean().describe('True if the instance can send email') })
  .meta({ id: 'ChannelsResponse' })
export type ChannelsResponse = z.infer<typeof ChannelsResponse>

export const SavedChannel = z
  .strictObject({
    channel: Channel,
    signingSecret: z
      .string()
      .nullable()
      .describe('Signs messages to a webhook. Only shown once, after saving a new address'),
  })
  .meta({ id: 'SavedChannel' })
export type SavedChannel = z.infer<typeof SavedChannel>

export const ChannelTest = z.strictObject({ arrived: z.boolean(), ...problem }).meta({ id: 'ChannelTest' })
export type ChannelTest = z.infer<typeof ChannelTest>

export const ChannelForm = z.object({
  kind: z.enum(CHANNEL_KINDS),
  label: z.string().trim().min(1, 'Enter a name.').max(60, 'At most 60 characters.'),
  address: z
    .string()
    .trim()
    .min(1, 'Enter the address.')
    .max(2000, 'At most 2,000 characters.')
    .describe('Checked when it is saved'),
  token: z
    .string()
    .trim()
    .max(500, 'At most 500 characters.')
    // It becomes a header.
    .regex(/^[\x21-\x7e]*$/, 'A token contains only letters, digits and punctuation, no spaces.')
    .transform((text) => text || undefined)
    .optional()
    .describe('Access token of a protected ntfy topic'),
  events: z.array(z.enum(NOTIFICATION_EVENTS)).min(1, 'Choose at least one event.'),
})
export type ChannelForm = z.infer<typeof ChannelForm>

/** Omitted fields stay as they are. */
export const ChannelChange = ChannelForm.omit({ kind: true }).partial()
export type ChannelChange = z.infer<typeof ChannelChange>

export const getChannels = defineEndpoint({
  method: 'GET',
  path: '/api/channels',
  summary: 'Your notification channels',
  access: 'listener',
  response: ChannelsResponse,
})

export const addChannel = defineEndpoint({
  method: 'POST',
  path: '/api/channels',
  summary: 'Add a channel',
  access: 'listener',
  body: ChannelForm,
  limit: 'checks',
  response: SavedChannel,
  statuses: [201],
  errors: ['wrong-address', 'too-many-channels', 'too-many-tests'],
})

export const changeChannel = defineEndpoint({
  method: 'PUT',
  path: '/api/channels/[id]',
  summary: 'Change a channel; omitted fields stay as they are',
  access: 'listener',
  visibleTo: 'owner',
  body: ChannelChange,
  limit: 'checks',
  response: SavedChannel,
  errors: ['unknown-channel', 'wrong-address', 'too-many-tests'],
})

export const removeChannel = defineEndpoint({
  method: 'DELETE',
  path: '/api/channels/[id]',
  summary: 'Remove a channel and return the remaining ones',
  access: 'listener',
  visibleTo: 'owner',
  response: ChannelsResponse,
  errors: ['unknown-channel'],
})

export const testChannel = defineEndpoint({
  method: 'POST',
  path: '/api/channels/[id]/test',
  summary: 'Send a test message',
  access: 'listener',
  visibleTo: 'owner',
  limit: 'checks',
  response: ChannelTest,
  errors: ['unknown-channel', 'too-many-tests'],
})
