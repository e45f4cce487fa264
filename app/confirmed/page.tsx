import { AlertIcon } from '#app/_ui/icons.tsx'
import { Link } from '#app/_ui/link.tsx'
import { PublicPage } from '#app/_ui/public-page.tsx'
import { SignInButton } from '#app/_ui/sign-in-button.tsx'
import { type SearchParams, searchParam } from '#app/search-params.ts'
import { confirmationProblem } from '#app/sign-in/problems.ts'
import classes from '#app/sign-in/sign-in.module.css'
import { currentListener } from '#lib/auth/auth.ts'
import { Announcement } from './announcement.tsx'

export const metadata = { title: 'Confirm your sign-in' }

/** The page on which a confirmation with Spotify ends, in its own tab. */
export default async function ConfirmedPage({ searchParams }: { searchParams: SearchParams }) {
  const isOwnApp = (await searchParam(searchParams, 'app')) === 'own'
  const problem = confirmationProblem(await searchParam(searchParams, 'problem'), isOwnApp)
  const listener = await currentListener()
  return (
    <PublicPage>
      <div className={classes.card}>
        {problem ? (
          <>
            <AlertIcon size={28} />
            <h1>{problem.title}</h1>
            <p>{problem.cause}</p>
            <p>{problem.remedy}</p>
            {listener && (
              <SignInButton label="Confirm with Spotify" callbackUrl="/confirmed" fields={{ confirm: '1' }} />
            )}
          </>
        ) : listener ? (
          <>
            <h1>Thanks, {listener.name}</h1>
            <p>
              You’re confirmed for 15 minutes. You can close this tab; the page you came from continues automatically,
              with everything you typed.
            </p>
            <Announcement />
          </>
        ) : (
          <>
            <h1>You’re not signed in</h1>
            <p>There’s nothing to confirm in this browser.</p>
          </>
        )}
        {!listener && <Link href="/sign-in">Sign in</Link>}
      </div>
    </PublicPage>
  )
}
