'use client'

import { Button } from '@mantine/core'
import { AuthForm } from '#app/_ui/auth-form.tsx'
import { Link } from '#app/_ui/link.tsx'
import classes from '#app/sign-in/sign-in.module.css'

/** Ends the session of this browser. */
export function SignOutForm({ name }: { name: string }) {
  return (
    <>
      <h1>Sign out?</h1>
      <p>You’re signed in as {name} in this browser. Your data stays here, and scheduled syncs continue.</p>
      <div className={classes.choices}>
        <AuthForm action="/api/auth/signout" callbackUrl="/sign-out">
          {({ isReady, isSending }) => (
            <Button type="submit" disabled={!isReady} loading={isSending}>
              Sign out
            </Button>
          )}
        </AuthForm>
        <Link href="/overview">Stay signed in</Link>
      </div>
    </>
  )
}
