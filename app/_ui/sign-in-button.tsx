'use client'

import { Button, type ButtonProps } from '@mantine/core'
import { AuthForm } from './auth-form.tsx'

interface Props extends ButtonProps {
  word?: string
}

/** Leads through Spotify's consent page to the overview. */
export function SignInButton({ word = 'Sign in with Spotify', ...button }: Props) {
  return (
    <AuthForm action="/api/auth/signin/spotify" callbackUrl="/overview">
      {(isSending) => (
        <Button {...button} type="submit" loading={isSending}>
          {word}
        </Button>
      )}
    </AuthForm>
  )
}
