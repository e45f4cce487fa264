import NextAuth from 'next-auth'
import { requestStreams } from '../../../../inngest/events.ts'
import { authOptions, type SignInProblem } from '../../../../lib/auth.ts'
import { appUrl } from '../../../../lib/config.ts'
import { Failure } from '../../../../lib/errors.ts'

type Context = { params: Promise<{ nextauth: string[] }> }

async function handle(request: Request, context: Context): Promise<Response> {
  const { searchParams } = new URL(request.url)
  // Spotify says "access_denied" when the listener pressed Cancel; next-auth would call it a failed callback.
  const refused = searchParams.get('error')
  if ((await context.params).nextauth[0] === 'callback' && refused) {
    return toProblem(refused === 'access_denied' ? 'refused' : 'spotify-unavailable')
  }
  try {
    const options = await authOptions(requestStreams)
    const response: Response = await NextAuth(options)(request, context)
    return namingProblems(response)
  } catch (thrown) {
    if (thrown instanceof Failure) return Response.redirect(`${appUrl()}/setup`, 302)
    throw thrown
  }
}

function toProblem(problem: SignInProblem): Response {
  return Response.redirect(`${appUrl()}/sign-in?problem=${problem}`, 302)
}

/** next-auth's own failures are of one kind here: the cookie or state of an older attempt. */
function namingProblems(response: Response): Response {
  const location = response.headers.get('location')
  if (!location?.includes('/sign-in?error=')) return response
  const headers = new Headers(response.headers)
  headers.set('location', `${appUrl()}/sign-in?problem=expired-state`)
  return new Response(null, { status: 302, headers })
}

export { handle as GET, handle as POST }
