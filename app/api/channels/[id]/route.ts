import { serve } from '#app/api/serve.ts'
import { changeChannel, removeChannel } from '#lib/api/channels.ts'
import { changeChannel as change, removeChannel as remove } from '#lib/notifications/channels.ts'

export const PUT = serve(changeChannel, ({ listener, params, body }) => change(listener, params.id, body))

export const DELETE = serve(removeChannel, ({ listener, params }) => remove(listener, params.id))
