'use client'

import { Button, NativeSelect, PasswordInput, TextInput } from '@mantine/core'
import { schemaResolver, useForm } from '@mantine/form'
import { useEffect, useRef, useState } from 'react'
import { AuthForm } from '#app/_ui/auth-form.tsx'
import { CheckList, fieldErrors } from '#app/_ui/check-list.tsx'
import { ProblemText } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { saveOwnApp } from '#lib/api/client.ts'
import type { ConnectionsResponse } from '#lib/api/connections.ts'
import { AppCredentialRules } from '#lib/api/spotify-app.ts'
import classes from './own-app.module.css'

interface Fields {
  clientId: string
  clientSecret: string
  sameDeveloperAs: string
}

interface Props {
  /** The link by which somebody came who is not signed in. */
  invite?: string
  /** Apps that the new one may share its developer account with. */
  sharable: ConnectionsResponse['ownApp']['sharable']
  /** Where the sign-in ends. */
  callbackUrl: string
}

/** Goes on to Spotify's consent page as soon as it is there. */
function GoOn({ app, invite, callbackUrl }: { app: string; invite: string | undefined; callbackUrl: string }) {
  const [place, setPlace] = useState<HTMLDivElement | null>(null)
  const sent = useRef(false)
  return (
    <div ref={setPlace}>
      <AuthForm
        action="/api/auth/signin/spotify"
        callbackUrl={callbackUrl}
        fields={{ app, ...(invite ? { invite } : {}) }}
      >
        {({ isReady, isSending }) => <GoOnButton isReady={isReady} isSending={isSending} form={place} sent={sent} />}
      </AuthForm>
    </div>
  )
}

interface GoOnButtonProps {
  isReady: boolean
  isSending: boolean
  form: HTMLElement | null
  sent: { current: boolean }
}

function GoOnButton({ isReady, isSending, form, sent }: GoOnButtonProps) {
  useEffect(() => {
    if (!isReady || !form || sent.current) return
    sent.current = true
    form.querySelector('form')?.requestSubmit()
  }, [isReady, form, sent])
  return (
    <Button type="submit" disabled={!isReady} loading={isSending}>
      Go on to Spotify
    </Button>
  )
}

/** Id and secret of a listener's own Spotify app, the checks, and the way on to its consent page. */
export function OwnAppForm({ invite, sharable, callbackUrl }: Props) {
  const form = useForm<Fields>({
    initialValues: { clientId: '', clientSecret: '', sameDeveloperAs: '' },
    validate: schemaResolver(AppCredentialRules, { sync: true }),
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
          description="Kept sealed on the machine that runs Tracklake, and never shown again."
          autoComplete="off"
          {...form.getInputProps('clientSecret')}
        />
        {sharable.length > 0 && (
          <NativeSelect
            label="Spotify developer account"
            description="Spotify counts the requests of all apps of one developer account together."
            data={[
              { value: '', label: 'An account of its own' },
              ...sharable.map(({ clientId, isOwn }) => ({
                value: clientId,
                label: `The account of ${isOwn ? 'my app' : 'this installation’s app'} ${clientId.slice(0, 8)}…`,
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
      {data && <CheckList checks={data.checks.map(({ ok, ...check }) => ({ ...check, look: ok ? 'good' : 'bad' }))} />}
      {data?.app && <GoOn app={data.app} invite={invite} callbackUrl={callbackUrl} />}
    </div>
  )
}
