import NextAuth from 'next-auth'
import { requestStreams } from '../../../../inngest/events.ts'
import { authOptions, type SignInProblem } from '../../../../lib/auth.ts'
import { appUrl } from '../../../../lib/config.ts'
import { Failure } from '../../../../lib/errors.ts'

type Context = { params: Promise<{ nextauth: string[] }> }

/** What the pages use of next-auth. Its others would tell about sessions, and end them, because they never see one. */
const DEEDS = ['csrf', 'signin', 'callback', 'signout']

async function handle(request: Request, context: Context): Promise<Response> {
  const { searchParams } = new URL(request.url)
  const [deed = ''] = (await context.params).nextauth
  if (!DEEDS.includes(deed)) return new Response(null, { status: 404 })
  // Spotify says "access_denied" when the listener pressed Cancel; next-auth would call it a failed callback.
  const refused = searchParams.get('error')
  if (deed === 'callback' && refused) {
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
  const { pathname, searchParams } = new URL(response.headers.get('location') ?? '/', appUrl())
  const isOwnPage = pathname === '/sign-in' || pathname === '/api/auth/error'
  if (!isOwnPage || !searchParams.has('error')) return response
  const headers = new Headers(response.headers)
  headers.set('location', `${appUrl()}/sign-in?problem=expired-state`)
  return new Response(null, { status: 302, headers })
}

export { handle as GET, handle as POST }
