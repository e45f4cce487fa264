import { serve } from '#app/api/serve.ts'
import { changePerson, removeListener as remove } from '#lib/accounts/people.ts'
import { changeListener, removeListener } from '#lib/api/admin.ts'

export const PUT = serve(changeListener, async ({ listener, params: { id }, body }) => {
  await changePerson(listener.id, id, body)
  return { id, ...body }
})

/** Removes a listener and all their data, after confirmation by name. */
export const DELETE = serve(removeListener, ({ listener, params, body }) =>
  remove(listener.id, params.id, body.confirm),
)
