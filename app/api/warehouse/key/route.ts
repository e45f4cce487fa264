import { serve } from '#app/api/serve.ts'
import { changeKey } from '#lib/api/warehouse.ts'
import { changeKey as change } from '#lib/load/connection/change.ts'

/** "Rotate key" */
export const POST = serve(changeKey, ({ listener, body }) => change(listener.id, body.deed))
