'use client'

import { useMounted } from '@mantine/hooks'
import { type FormEvent, type ReactNode, useState } from 'react'
import { ProblemText } from './problem.tsx'
import { asProblem, fetchJson, type RequestProblem } from './request.ts'

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
  const [isSending, setSending] = useState(false)
  const [problem, setProblem] = useState<RequestProblem | null>(null)

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    setSending(true)
    setProblem(null)
    try {
      const { csrfToken } = await fetchJson<{ csrfToken: string }>('/api/auth/csrf')
      const token = form.elements.namedItem('csrfToken')
      if (token instanceof HTMLInputElement) token.value = csrfToken
      form.submit()
    } catch (error) {
      setProblem(asProblem(error))
      setSending(false)
    }
  }

  return (
    <form method="post" action={action} onSubmit={send}>
      <input type="hidden" name="csrfToken" />
      <input type="hidden" name="callbackUrl" value={callbackUrl} />
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {children({ isReady, isSending })}
      {problem && <ProblemText problem={problem} />}
    </form>
  )
}
