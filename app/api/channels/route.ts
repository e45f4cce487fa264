import { serve } from '#app/api/serve.ts'
import { addChannel, getChannels } from '#lib/api/channels.ts'
import { addChannel as add, channelsOf } from '#lib/notifications/channels.ts'

export const GET = serve(getChannels, ({ listener }) => channelsOf(listener))

export const POST = serve(addChannel, ({ listener, body }) => add(listener, body))
