'use client'

import { Button, type ButtonProps } from '@mantine/core'
import { AuthForm } from './auth-form.tsx'
import classes from './sign-in-button.module.css'

interface Props extends ButtonProps {
  word?: string
  /** Where it ends; the overview unless said. */
  callbackUrl?: string
  /** Which Spotify app it leads through, and the invite that was followed. */
  fields?: Record<string, string>
}

/** Leads through Spotify's consent page and back. */
export function SignInButton({
  word = 'Sign in with Spotify',
  callbackUrl = '/overview',
  fields = {},
  ...button
}: Props) {
  return (
    <AuthForm action="/api/auth/signin/spotify" callbackUrl={callbackUrl} fields={fields}>
      {({ isReady, isSending }) => (
        <Button
          {...button}
          type="submit"
          disabled={!isReady || Boolean(button.disabled)}
          loading={isSending}
          className={classes.steady}
        >
          {word}
        </Button>
      )}
    </AuthForm>
  )
}
