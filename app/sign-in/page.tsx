import { AlertIcon } from '../_ui/icons.tsx'
import { PublicPage } from '../_ui/public-page.tsx'
import { SignInButton } from '../_ui/sign-in-button.tsx'
import { type SearchParams, searchWord } from '../search-params.ts'
import { signInProblem } from './problems.ts'
import classes from './sign-in.module.css'

export const metadata = { title: 'Sign in' }

export default async function SignInPage({ searchParams }: { searchParams: SearchParams }) {
  // next-auth adds ?error= for what never reached our own code.
  const word = (await searchWord(searchParams, 'problem')) ?? (await searchWord(searchParams, 'error'))
  const problem = signInProblem(word)
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
      </div>
    </PublicPage>
  )
}
