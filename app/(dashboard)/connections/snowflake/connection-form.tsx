'use client'

import { Button, Loader, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { ActionProblem } from '#app/_ui/action-problem.tsx'
import { ConnectionChecks } from '#app/_ui/connection-checks.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { LIVE_MS, useAction, useEndpoint } from '#app/_ui/use-endpoint.ts'
import { changeWarehouse, getCheckProgress, saveWarehouse, testWarehouse } from '#lib/api/client.ts'
import type { SnowflakeCheckResult, SnowflakeResponse } from '#lib/api/warehouse.ts'
import type { Cadence } from '#lib/warehouse/snowflake/setup/cost.ts'
import { CHECK_SECONDS } from '#lib/warehouse/snowflake/setup/limits.ts'
import { AccountField } from './account-field.tsx'
import { AuthenticationFields } from './authentication-fields.tsx'
import { CadenceChoice } from './cadence-choice.tsx'
import { type FormValues, formOf, NO_SECRETS } from './form-values.ts'
import classes from './snowflake.module.css'

interface Props {
  warehouse: SnowflakeResponse
  form: UseFormReturnType<FormValues>
  /** True while a saved secret is being replaced. */
  isReplacing: boolean
  onReplace: (isReplacing: boolean) => void
  /** Chosen before the first connection, and saved with it. */
  cadence: Cadence
  onCadence: (cadence: Cadence) => void
}

// The server ends the checks first.
const DEADLINE_MS = (CHECK_SECONDS + 15) * 1_000

const SECRETS = ['privateKey', 'passphrase', 'token', 'password'] as const

/** The outcome of the checks in one sentence. */
function verdict(result: SnowflakeCheckResult | undefined): string {
  if (!result) return 'Nothing is saved until you press Save.'
  const { checks, saved } = result
  const failed = checks.find(({ state }) => state === 'failed')
  const isSlow = checks.some(({ state }) => state === 'unconfirmed')
  if (saved)
    return isSlow
      ? 'Saved. Snowflake is slow or paused right now; Tracklake keeps trying to load.'
      : 'Saved. Everything synced so far is being loaded.'
  if (failed) return `The "${failed.name}" check failed. Nothing was saved; see the fix below.`
  if (isSlow)
    return 'The sign-in works, but Snowflake is slow or paused right now. You can save anyway; Tracklake keeps trying.'
  return checks.length > 0 ? 'Everything works. Save to start loading.' : 'Fix the fields marked above.'
}

function useActions({ warehouse, form, onReplace, cadence }: Props) {
  const settings = useAction(changeWarehouse)
  const showProblems = ({ fieldProblems }: SnowflakeCheckResult) => {
    form.setErrors(fieldProblems)
    // A secret saved for another account or user must be typed again.
    if (SECRETS.some((field) => fieldProblems[field])) onReplace(true)
  }
  const test = useAction(testWarehouse, {
    quiet: true,
    deadlineMs: DEADLINE_MS,
    refresh: false,
    onDone: showProblems,
  })
  const save = useAction(saveWarehouse, {
    quiet: true,
    deadlineMs: DEADLINE_MS,
    onDone: (result) => {
      showProblems(result)
      if (!result.saved) return
      form.setValues(NO_SECRETS)
      onReplace(false)
      // The new panels are above the form.
      if (!warehouse.connected) window.scrollTo({ top: 0 })
      if (cadence !== warehouse.cadence) settings.mutate({ cadence })
    },
  })
  return { test, save }
}

/** The results so far. */
function CheckProgress() {
  const { data } = useEndpoint(getCheckProgress, { every: LIVE_MS })
  return data?.running && data.checks.length > 0 ? <ConnectionChecks checks={data.checks} /> : null
}

function NameFields({ form }: Pick<Props, 'form'>) {
  const name = { autoComplete: 'off', spellCheck: false } as const
  return (
    <>
      <div className={classes.pair}>
        <TextInput label="Role" {...name} {...form.getInputProps('role')} />
        <TextInput label="Warehouse" {...name} {...form.getInputProps('warehouse')} />
      </div>
      <div className={classes.pair}>
        <TextInput label="Database" {...name} {...form.getInputProps('database')} />
        <TextInput label="Schema" {...name} {...form.getInputProps('schema')} />
      </div>
    </>
  )
}

/** Where the tables go and how Tracklake signs in there, with the results of the checks. */
export function ConnectionForm(props: Props) {
  const { warehouse, form, isReplacing, onReplace, cadence, onCadence } = props
  const { test, save } = useActions(props)
  const isPending = test.isPending || save.isPending
  // Only the newest result counts.
  const last = save.submittedAt > test.submittedAt ? save : test
  const send = (action: typeof test | typeof save) => form.onSubmit((values) => action.mutate(formOf(values)))
  return (
    <Panel title={warehouse.connected ? 'Connection' : 'Connect your Snowflake'}>
      <form className={classes.stack} onSubmit={send(test)} noValidate>
        <AccountField form={form} />
        <TextInput label="User" autoComplete="off" spellCheck={false} {...form.getInputProps('user')} />
        <AuthenticationFields warehouse={warehouse} form={form} isReplacing={isReplacing} onReplace={onReplace} />
        <NameFields form={form} />
        {!warehouse.connected && (
          <CadenceChoice cadence={cadence} secondsPerLoad={warehouse.secondsPerLoad} onChange={onCadence} />
        )}
        <div className={classes.buttons}>
          <Button type="submit" variant="default" loading={test.isPending} disabled={save.isPending}>
            Test connection
          </Button>
          <Button loading={save.isPending} disabled={test.isPending} onClick={() => send(save)()}>
            Save
          </Button>
        </div>
        <p role="status" className={classes.verdict}>
          {isPending && <Loader size={16} />}
          {isPending
            ? `Testing each step. This takes up to ${CHECK_SECONDS} seconds and wakes your Snowflake warehouse.`
            : verdict(last.data)}
        </p>
        {isPending && <CheckProgress />}
        {!isPending && <ActionProblem action={last} retry={() => send(last)()} />}
        {!isPending && last.data && last.data.checks.length > 0 && <ConnectionChecks checks={last.data.checks} />}
      </form>
    </Panel>
  )
}
