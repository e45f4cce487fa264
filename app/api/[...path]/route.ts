import { errorResponse } from '#app/api/serve.ts'
import { notFound } from '#lib/core/errors.ts'

/** Addresses that are not part of the API. Programs get JSON, not the page for people. */
const handle = () => errorResponse(notFound())

export { handle as DELETE, handle as GET, handle as POST, handle as PUT }
