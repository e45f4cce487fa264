import { AlertIcon } from '#app/_ui/icons.tsx'
import { PublicPage } from '#app/_ui/public-page.tsx'
import { SignInButton } from '#app/_ui/sign-in-button.tsx'
import { type SearchParams, searchParam } from '#app/search-params.ts'
import { usableInvite } from '#lib/accounts/invites.ts'
import { redirectUri } from '#lib/accounts/spotify-app-checks.ts'
import { currentListener } from '#lib/auth/auth.ts'
import { AccountChanged } from './account-changed.tsx'
import { Invited } from './invited.tsx'
import { KnownApp } from './known-app.tsx'
import { signInProblem } from './problems.ts'
import classes from './sign-in.module.css'

export const metadata = { title: 'Sign in' }

export default async function SignInPage({ searchParams }: { searchParams: SearchParams }) {
  const invite = await searchParam(searchParams, 'invite')
  const isInvited = invite !== undefined && (await usableInvite(invite)) !== null
  if (invite && isInvited) {
    return (
      <PublicPage>
        <Invited invite={invite} redirectUri={redirectUri()} />
      </PublicPage>
    )
  }
  const listener = (await searchParam(searchParams, 'now')) === 'somebody-else' && (await currentListener())
  if (listener) {
    return (
      <PublicPage>
        <AccountChanged name={listener.name} />
      </PublicPage>
    )
  }
  // next-auth uses ?error= for failures before our own code runs.
  const code = (await searchParam(searchParams, 'problem')) ?? (await searchParam(searchParams, 'error'))
  const isOwnApp = (await searchParam(searchParams, 'app')) === 'own'
  const problem = signInProblem(invite === undefined ? code : 'invite-over', isOwnApp)
  return (
    <PublicPage>
      <div className={classes.card}>
        {problem ? (
          <>
            <AlertIcon size={28} />
            <h1>{problem.title}</h1>
            <p>{problem.cause}</p>
            <p>{problem.remedy}</p>
          </>
        ) : (
          <h1>Sign in</h1>
        )}
        <SignInButton />
        <KnownApp />
      </div>
    </PublicPage>
  )
}
