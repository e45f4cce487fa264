'use client'

import { useMounted, useWindowEvent } from '@mantine/hooks'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ProblemText } from './problem.tsx'
import { asProblem, fetchJson } from './request.ts'

interface Props {
  action: '/api/auth/signin/spotify' | '/api/auth/signout'
  /** Where the browser ends up afterwards. */
  callbackUrl: string
  /** Further fields: the Spotify app to use, an invite. */
  fields?: Record<string, string>
  /** Renders the button. The form can be sent once the page is ready, and only once at a time. */
  children: (state: { isReady: boolean; isSending: boolean }) => ReactNode
}

/** A real form, because sign-in leaves the app. It is sent with a fresh CSRF token. */
export function AuthForm({ action, callbackUrl, fields = {}, children }: Props) {
  const isReady = useMounted()
  const { mutate, reset, isPending, isSuccess, error } = useMutation({
    mutationFn: async (form: HTMLFormElement) => {
      const { csrfToken } = await fetchJson<{ csrfToken: string }>('/api/auth/csrf')
      const token = form.elements.namedItem('csrfToken')
      if (token instanceof HTMLInputElement) token.value = csrfToken
      form.submit()
    },
    meta: { endsSession: action === '/api/auth/signout' },
  })
  // "Back" may restore the page as it was left.
  useWindowEvent('pageshow', ({ persisted }) => persisted && reset())

  return (
    <form
      method="post"
      action={action}
      onSubmit={(event) => {
        event.preventDefault()
        mutate(event.currentTarget)
      }}
    >
      <input type="hidden" name="csrfToken" />
      <input type="hidden" name="callbackUrl" value={callbackUrl} />
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {children({ isReady, isSending: isPending || isSuccess })}
      {error && <ProblemText problem={asProblem(error)} />}
    </form>
  )
}
