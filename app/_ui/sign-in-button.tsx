'use client'

import { Button, type ButtonProps } from '@mantine/core'
import { AuthForm } from './auth-form.tsx'
import classes from './sign-in-button.module.css'

interface Props extends ButtonProps {
  label?: string
  /** Where sign-in ends. */
  callbackUrl?: string
  /** Further form fields: the Spotify app to use, an invite. */
  fields?: Record<string, string>
}

/** Signs in through Spotify's consent page. */
export function SignInButton({
  label = 'Sign in with Spotify',
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
          {label}
        </Button>
      )}
    </AuthForm>
  )
}
