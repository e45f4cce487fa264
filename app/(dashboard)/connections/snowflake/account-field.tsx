'use client'

import { Button, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { normalizeAccount } from '#lib/warehouse/snowflake/setup/account.ts'
import type { FormValues } from './form-values.ts'
import classes from './snowflake.module.css'

function describeAccount(typed: string): { text: string; asTyped?: string } {
  if (typed.trim() === '')
    return { text: 'For example MYORG-MY_ACCOUNT. Any Snowflake address you can copy works too.' }
  const account = normalizeAccount(typed)
  if (account.ok) return { text: `${account.account} at ${account.host}${account.note ? `. ${account.note}` : ''}` }
  return { text: account.problem, ...(account.asTyped ? { asTyped: account.asTyped } : {}) }
}

/** Accepts every spelling people paste, and shows how it was understood. */
export function AccountField({ form }: { form: UseFormReturnType<FormValues> }) {
  const { text, asTyped } = describeAccount(form.values.account)
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
        {!form.errors.account && text}
      </p>
      {asTyped && (
        <div className={classes.buttons}>
          <Button variant="default" size="xs" onClick={() => form.setFieldValue('account', asTyped)}>
            Use {asTyped}
          </Button>
        </div>
      )}
    </>
  )
}
