'use client'

import { Button, NativeSelect, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useEffect, useRef, useState } from 'react'
import { AuthForm } from '#app/_ui/auth-form.tsx'
import { CheckList, fieldErrors } from '#app/_ui/check-list.tsx'
import { ProblemText } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { useFormRules, violations } from '#app/_ui/use-form-rules.ts'
import { saveOwnApp } from '#lib/api/client.ts'
import type { ConnectionsResponse } from '#lib/api/connections.ts'
import classes from './own-app.module.css'

interface Fields {
  clientId: string
  clientSecret: string
  sameDeveloperAs: string
}

interface Props {
  /** The invite token of a visitor who is not signed in. */
  invite?: string
  /** Apps that may share the new one's developer account. */
  sharable: ConnectionsResponse['ownApp']['sharable']
  /** Where sign-in ends. */
  callbackUrl: string
}

/** Continues to Spotify's consent page as soon as it is rendered. */
function ContinueToSpotify({
  app,
  invite,
  callbackUrl,
}: {
  app: string
  invite: string | undefined
  callbackUrl: string
}) {
  const [container, setContainer] = useState<HTMLDivElement | null>(null)
  const sent = useRef(false)
  return (
    <div ref={setContainer}>
      <AuthForm
        action="/api/auth/signin/spotify"
        callbackUrl={callbackUrl}
        fields={{ app, ...(invite ? { invite } : {}) }}
      >
        {({ isReady, isSending }) => (
          <ContinueButton isReady={isReady} isSending={isSending} container={container} sent={sent} />
        )}
      </AuthForm>
    </div>
  )
}

interface ContinueButtonProps {
  isReady: boolean
  isSending: boolean
  container: HTMLElement | null
  sent: { current: boolean }
}

function ContinueButton({ isReady, isSending, container, sent }: ContinueButtonProps) {
  useEffect(() => {
    if (!isReady || !container || sent.current) return
    sent.current = true
    container.querySelector('form')?.requestSubmit()
  }, [isReady, container, sent])
  return (
    <Button type="submit" disabled={!isReady} loading={isSending}>
      Continue to Spotify
    </Button>
  )
}

/** Enters and checks a listener's own Spotify app, then continues to its consent page. */
export function OwnAppForm({ invite, sharable, callbackUrl }: Props) {
  const form = useForm<Fields>({
    initialValues: { clientId: '', clientSecret: '', sameDeveloperAs: '' },
    validate: useFormRules(
      () => import('#lib/api/spotify-app.ts'),
      ({ AppCredentialRules }, values: Fields) => violations(AppCredentialRules, values),
    ),
  })
  const { mutate, data, isPending, error } = useAction(saveOwnApp, {
    onDone: ({ checks }) => form.setErrors(fieldErrors(checks)),
    quiet: true,
    refresh: false,
  })
  const send = (save: boolean) =>
    form.onSubmit(({ sameDeveloperAs, ...fields }) =>
      mutate({ ...fields, sameDeveloperAs: sameDeveloperAs || null, save, ...(invite ? { invite } : {}) }),
    )
  const isChecked = data?.checks.every(({ ok }) => ok) ?? false
  return (
    <div className={classes.card}>
      <form className={classes.fields} onSubmit={send(false)} noValidate>
        <TextInput label="Client ID" autoComplete="off" spellCheck={false} {...form.getInputProps('clientId')} />
        <PasswordInput
          label="Client secret"
          description="Stored encrypted on the machine that runs Tracklake, and never shown again."
          autoComplete="off"
          {...form.getInputProps('clientSecret')}
        />
        {sharable.length > 0 && (
          <NativeSelect
            label="Spotify developer account"
            description="Spotify counts the requests of all apps of a developer account together."
            data={[
              { value: '', label: 'A separate account' },
              ...sharable.map(({ clientId, isOwn }) => ({
                value: clientId,
                label: `Same account as ${isOwn ? 'my app' : 'this installation’s app'} ${clientId.slice(0, 8)}…`,
              })),
            ]}
            {...form.getInputProps('sameDeveloperAs')}
          />
        )}
        <div className={classes.buttons}>
          <Button type="submit" variant={isChecked ? 'default' : 'filled'} loading={isPending}>
            Check
          </Button>
          <Button variant={isChecked ? 'filled' : 'default'} disabled={isPending} onClick={() => send(true)()}>
            Save and sign in through it
          </Button>
        </div>
      </form>
      {error && <ProblemText problem={asProblem(error)} />}
      {data && <CheckList checks={data.checks.map(({ ok, ...check }) => ({ ...check, kind: ok ? 'good' : 'bad' }))} />}
      {data?.app && <ContinueToSpotify app={data.app} invite={invite} callbackUrl={callbackUrl} />}
    </div>
  )
}
