import { errorResponse } from '#app/api/serve.ts'
import { notFound } from '#lib/core/errors.ts'

/** Unknown addresses under /api: respond with JSON instead of the HTML "not found" page. */
const handle = () => errorResponse(notFound())

export { handle as DELETE, handle as GET, handle as POST, handle as PUT }
