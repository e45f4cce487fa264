'use client'

import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { CheckList, fieldErrors } from '#app/_ui/check-list.tsx'
import { formatDate } from '#app/_ui/format.ts'
import { ProblemText } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { useFormRules, violations } from '#app/_ui/use-form-rules.ts'
import { setUp } from '#lib/api/client.ts'
import type { SetupResponse, SetupResult } from '#lib/api/spotify-app.ts'
import classes from './setup.module.css'

interface Fields {
  clientId: string
  clientSecret: string
  code: string
}

interface Props {
  setup: SetupResponse
  result: SetupResult | null
  onResult: (result: SetupResult) => void
}

function describeSecret({ secretSavedAt }: SetupResponse): string {
  return secretSavedAt
    ? `Saved on ${formatDate(secretSavedAt, 'UTC')}. Enter it again, or a new one to replace it.`
    : 'Stored on this machine, readable only by the account that runs Tracklake, and never shown again.'
}

/** Enters and checks the operator's Spotify app, and switches to it. */
export function SetupForm({ setup, result, onResult }: Props) {
  const form = useForm<Fields>({
    initialValues: { clientId: setup.clientId ?? '', clientSecret: '', code: '' },
    validate: useFormRules(
      () => import('#lib/api/spotify-app.ts'),
      ({ AppCredentialRules, SetupCodeRules }, values: Fields) =>
        violations(setup.needsCode ? SetupCodeRules : AppCredentialRules, values),
    ),
  })
  const { mutate, isPending, error } = useAction(setUp, {
    onDone: (checked) => {
      form.setErrors(fieldErrors(checked.checks))
      onResult(checked)
    },
    quiet: true,
    refresh: false,
  })
  const send = (save: boolean) => form.onSubmit((fields) => mutate({ ...fields, save }))
  const isChecked = result?.checks.every(({ ok }) => ok) ?? false
  return (
    <form className={classes.card} onSubmit={send(false)} noValidate>
      <TextInput label="Client ID" autoComplete="off" spellCheck={false} {...form.getInputProps('clientId')} />
      <PasswordInput
        label="Client secret"
        description={describeSecret(setup)}
        autoComplete="off"
        {...form.getInputProps('clientSecret')}
      />
      {setup.needsCode && (
        <TextInput
          label="Setup code"
          description="Printed once in the terminal where the app was started. If none was, set APP_URL to this site’s address and restart."
          autoComplete="off"
          {...form.getInputProps('code')}
        />
      )}
      <div className={classes.buttons}>
        <Button type="submit" variant={isChecked ? 'default' : 'filled'} loading={isPending}>
          Check
        </Button>
        <Button variant={isChecked ? 'filled' : 'default'} disabled={isPending} onClick={() => send(true)()}>
          Save and switch
        </Button>
      </div>
      {error && <ProblemText problem={asProblem(error)} />}
      {result && (
        <CheckList checks={result.checks.map(({ ok, ...check }) => ({ ...check, kind: ok ? 'good' : 'bad' }))} />
      )}
    </form>
  )
}
