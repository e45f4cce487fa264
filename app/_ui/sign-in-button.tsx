'use client'

import { Button, type ButtonProps } from '@mantine/core'
import { AuthForm } from './auth-form.tsx'
import classes from './sign-in-button.module.css'

interface Props extends ButtonProps {
  word?: string
}

/** Leads through Spotify's consent page to the overview. */
export function SignInButton({ word = 'Sign in with Spotify', ...button }: Props) {
  return (
    <AuthForm action="/api/auth/signin/spotify" callbackUrl="/overview">
      {({ isReady, isSending }) => (
        <Button {...button} type="submit" disabled={!isReady} loading={isSending} className={classes.steady}>
          {word}
        </Button>
      )}
    </AuthForm>
  )
}
