import { serve } from '#app/api/serve.ts'
import { testChannel } from '#lib/api/channels.ts'
import { testChannel as test } from '#lib/notifications/test-channel.ts'

export const POST = serve(testChannel, ({ listener, params }) => test(listener, params.id))
