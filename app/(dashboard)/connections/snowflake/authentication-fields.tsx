'use client'

import { Button, NativeSelect, PasswordInput, Textarea, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import type { ReactNode } from 'react'
import { formatDate } from '#app/_ui/format.ts'
import { AlertIcon } from '#app/_ui/icons.tsx'
import { useZone } from '#app/_ui/me.tsx'
import { SNOWFLAKE_METHODS, type SnowflakeMethod } from '#lib/api/lists.ts'
import type { SnowflakeResponse } from '#lib/api/warehouse.ts'
import { type FormValues, hasSaved } from './form-values.ts'
import classes from './snowflake.module.css'

const METHOD_LABELS: Record<SnowflakeMethod, string> = {
  'key pair': 'Key pair (created here)',
  'pasted key': 'Pasted private key',
  token: 'Programmatic access token',
  password: 'Password (trial accounts only)',
}

// Mantine's default label contains "password", which is also a field label here.
const SHOW = { 'aria-label': 'Show typed text' }

const WRITE_ONLY = 'Stored encrypted on the server and never shown again.'

interface Props {
  warehouse: SnowflakeResponse
  form: UseFormReturnType<FormValues>
  isReplacing: boolean
  onReplace: (isReplacing: boolean) => void
}

function PastedKey({ form }: Pick<Props, 'form'>) {
  return (
    <>
      <Textarea
        label="Private key"
        description={`An RSA key of at least 2048 bits in PEM. ${WRITE_ONLY}`}
        placeholder="-----BEGIN ENCRYPTED PRIVATE KEY-----"
        rows={5}
        autoComplete="off"
        spellCheck={false}
        className={classes.pem}
        {...form.getInputProps('privateKey')}
      />
      <PasswordInput
        label="Passphrase"
        description="Only if the key has one."
        autoComplete="off"
        visibilityToggleButtonProps={SHOW}
        {...form.getInputProps('passphrase')}
      />
    </>
  )
}

function Token({ form }: Pick<Props, 'form'>) {
  return (
    <PasswordInput
      label="Token"
      description={`Snowflake shows it only once, when you create it. ${WRITE_ONLY}`}
      autoComplete="off"
      visibilityToggleButtonProps={SHOW}
      {...form.getInputProps('token')}
    />
  )
}

function Password({ form }: Pick<Props, 'form'>) {
  return (
    <PasswordInput
      label="Password"
      description={WRITE_ONLY}
      autoComplete="off"
      visibilityToggleButtonProps={SHOW}
      {...form.getInputProps('password')}
    />
  )
}

const SECRETS: Record<Exclude<SnowflakeMethod, 'key pair'>, (props: Pick<Props, 'form'>) => ReactNode> = {
  'pasted key': PastedKey,
  token: Token,
  password: Password,
}

/** Shown in place of a saved secret. */
function Saved({ secret, onReplace }: { secret: NonNullable<SnowflakeResponse['secret']>; onReplace: () => void }) {
  const zone = useZone()
  return (
    <div className={classes.saved}>
      <p className={classes.dimmed}>
        Saved on {formatDate(secret.savedAt, zone)}
        {secret.fingerprint && `, ${secret.fingerprint}`}
      </p>
      <Button variant="default" size="xs" onClick={onReplace}>
        Replace
      </Button>
    </div>
  )
}

function Secret({ warehouse, form, isReplacing, onReplace }: Props) {
  const { method } = form.values
  if (method === 'key pair') {
    return (
      <p className={classes.dimmed}>
        Tracklake created this key pair and keeps the private key encrypted. The setup script contains the public key,{' '}
        {warehouse.key.fingerprint}.
      </p>
    )
  }
  const { secret } = warehouse
  if (secret && hasSaved(warehouse, method) && !isReplacing) {
    return <Saved secret={secret} onReplace={() => onReplace(true)} />
  }
  const Field = SECRETS[method]
  return <Field form={form} />
}

/** How Tracklake signs in. Saved secrets are never shown. */
export function AuthenticationFields(props: Props) {
  const { form } = props
  const { method } = form.values
  return (
    <>
      <NativeSelect
        label="Authentication"
        data={SNOWFLAKE_METHODS.map((value) => ({ value, label: METHOD_LABELS[value] }))}
        {...form.getInputProps('method')}
      />
      {method === 'password' && (
        <p className={classes.warning}>
          <AlertIcon size={18} />
          <span>
            Snowflake accepts a password alone only in trial accounts. Elsewhere the sign-in fails, and five failures
            lock the user for 15 minutes.
          </span>
        </p>
      )}
      <Secret {...props} />
      {method === 'token' && (
        <TextInput
          type="date"
          label="Token expires on"
          description="Tracklake reminds you two weeks before."
          {...form.getInputProps('tokenEndsOn')}
        />
      )}
    </>
  )
}
