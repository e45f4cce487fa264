'use client'

import { TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { normaliseAccount } from '#lib/warehouse/snowflake/account.ts'
import type { FormValues } from './form-values.ts'
import classes from './snowflake.module.css'

function hostWords(typed: string): string {
  if (typed.trim() === '') return 'MYORG-MY_ACCOUNT, or whatever address of Snowflake you can copy.'
  const account = normaliseAccount(typed)
  if (!account.ok) return account.problem
  return `${account.account} at ${account.host}${account.note ? `. ${account.note}` : ''}`
}

/** Takes every spelling that people paste, and shows what it was understood to be. */
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
        {!form.errors.account && hostWords(form.values.account)}
      </p>
    </>
  )
}
