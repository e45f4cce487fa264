'use client'

import { TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { normalizeAccount } from '#lib/warehouse/snowflake/setup/account.ts'
import type { FormValues } from './form-values.ts'
import classes from './snowflake.module.css'

function describeAccount(typed: string): string {
  if (typed.trim() === '') return 'For example MYORG-MY_ACCOUNT. Any Snowflake address you can copy works too.'
  const account = normalizeAccount(typed)
  if (!account.ok) return account.problem
  return `${account.account} at ${account.host}${account.note ? `. ${account.note}` : ''}`
}

/** Accepts every spelling people paste, and shows how it was understood. */
export function AccountField({ form }: { form: UseFormReturnType<FormValues> }) {
  return (
    <>
      <TextInput
        label="Account identifier"
        autoComplete="off"
        spellCheck={false}
        aria-describedby="account-understood"
        {...form.getInputProps('account')}
      />
      <p id="account-understood" className={classes.account} aria-live="polite">
        {!form.errors.account && describeAccount(form.values.account)}
      </p>
    </>
  )
}
