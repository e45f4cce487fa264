import { serve } from 'inngest/next'
import { NextRequest } from 'next/server'
import { errorResponse } from '#app/api/serve.ts'
import { functions, inngest } from '#inngest/index.ts'
import { Refused } from '#lib/core/errors.ts'

// Signed calls only: INNGEST_SIGNING_KEY is always set, and the client is never in development mode.
const sdk = serve({ client: inngest, functions })

type Handler = (typeof sdk)['POST']

/** What a signature looks like; the SDK verifies it. */
const SIGNATURE = /^t=\d{1,12}&s=[0-9a-f]{64}$/

/**
 * Passes only plausible calls to the SDK, because its error for a non-JSON body keeps that body in memory. The request
 * gate limits the size.
 */
function checked(handle: Handler): Handler {
  return async (request: Request, context: unknown) => {
    try {
      if (!SIGNATURE.test(request.headers.get('x-inngest-signature') ?? ''))
        throw new Refused(401, 'unauthorised', 'This call isn’t signed', 'Only Inngest can call this address.')
      const body = await request.text()
      if (!isJson(body)) throw new Refused(400, 'bad-json', 'The request is not JSON', 'Send a JSON object.')
      const { url, method, headers } = request
      return handle(new NextRequest(url, { method, headers, body }), context)
    } catch (error) {
      return errorResponse(error)
    }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

export const GET = sdk.GET
export const POST = checked(sdk.POST)
export const PUT = checked(sdk.PUT)

/** A slice may sleep for a rate window; the engine gives up after 15 minutes. */
export const maxDuration = 900
