import { PublicPage } from '#app/_ui/public-page.tsx'
import { SignInButton } from '#app/_ui/sign-in-button.tsx'
import classes from '#app/sign-in/sign-in.module.css'
import { currentListener } from '#lib/auth/auth.ts'
import { SignOutForm } from './sign-out-form.tsx'

export const metadata = { title: 'Sign out' }

export default async function SignOutPage() {
  const listener = await currentListener()
  return (
    <PublicPage>
      <div className={classes.card}>{listener ? <SignOutForm name={listener.name} /> : <SignedOut />}</div>
    </PublicPage>
  )
}

function SignedOut() {
  return (
    <>
      <h1>You’re signed out</h1>
      <p>Your data stays here, and scheduled syncs continue.</p>
      <SignInButton label="Sign in again" />
    </>
  )
}
