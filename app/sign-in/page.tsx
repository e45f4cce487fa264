import { AlertIcon } from '#app/_ui/icons.tsx'
import { PublicPage } from '#app/_ui/public-page.tsx'
import { SignInButton } from '#app/_ui/sign-in-button.tsx'
import { type SearchParams, searchWord } from '#app/search-params.ts'
import { usableInvite } from '#lib/accounts/invites.ts'
import { redirectUri } from '#lib/accounts/spotify-app-checks.ts'
import { currentListener } from '#lib/auth/auth.ts'
import { Invited } from './invited.tsx'
import { KnownApp } from './known-app.tsx'
import { signInProblem } from './problems.ts'
import classes from './sign-in.module.css'
import { SomebodyElse } from './somebody-else.tsx'

export const metadata = { title: 'Sign in' }

export default async function SignInPage({ searchParams }: { searchParams: SearchParams }) {
  const invite = await searchWord(searchParams, 'invite')
  const isInvited = invite !== undefined && (await usableInvite(invite)) !== null
  if (invite && isInvited) {
    return (
      <PublicPage>
        <Invited invite={invite} redirectUri={redirectUri()} />
      </PublicPage>
    )
  }
  const listener = (await searchWord(searchParams, 'now')) === 'somebody-else' && (await currentListener())
  if (listener) {
    return (
      <PublicPage>
        <SomebodyElse name={listener.name} />
      </PublicPage>
    )
  }
  // next-auth adds ?error= for what never reached our own code.
  const word = (await searchWord(searchParams, 'problem')) ?? (await searchWord(searchParams, 'error'))
  const isOwnApp = (await searchWord(searchParams, 'app')) === 'own'
  const problem = signInProblem(invite === undefined ? word : 'invite-over', isOwnApp)
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
