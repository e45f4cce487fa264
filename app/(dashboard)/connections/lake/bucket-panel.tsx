'use client'

import { Button, Loader, NativeSelect, PasswordInput, TextInput } from '@mantine/core'
import { type UseFormReturnType, useForm } from '@mantine/form'
import { ActionProblem } from '#app/_ui/action-problem.tsx'
import { ConnectionChecks } from '#app/_ui/connection-checks.tsx'
import { CopyableScript } from '#app/_ui/copyable.tsx'
import { Columns, Panel } from '#app/_ui/panel.tsx'
import { LIVE_MS, useAction, useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getLakeCheckProgress, saveLake, testLake } from '#lib/api/client.ts'
import type { LakeCheckResult, LakeResponse } from '#lib/api/lake.ts'
import { lakePolicy } from '#lib/api/lake-policy.ts'
import type { LakeCredentials } from '#lib/api/lists.ts'
import { type BucketValues, formOf, policyPlace, valuesOf } from './form-values.ts'
import classes from './lake.module.css'

const CHECK_SECONDS = 60
// The server gives up first.
const DEADLINE_MS = (CHECK_SECONDS + 15) * 1_000

const CREDENTIALS: Record<LakeCredentials, string> = {
  'access key': 'An access key',
  'instance role': 'The role of this server',
}

/** The outcome of the checks in one sentence. */
function verdict(result: LakeCheckResult | undefined): string {
  if (!result) return 'Nothing is saved until you press Save.'
  const failed = result.checks.find(({ state }) => state === 'failed')
  if (result.saved) return 'Saved. Your files are being published.'
  if (failed) return `The "${failed.name}" check failed. Nothing was saved; see the fix below.`
  return result.checks.length > 0 ? 'Everything works. Save to publish.' : 'Fix the fields marked above.'
}

/** The results so far. */
function CheckProgress() {
  const { data } = useEndpoint(getLakeCheckProgress, { every: LIVE_MS })
  return data?.running && data.checks.length > 0 ? <ConnectionChecks checks={data.checks} /> : null
}

type Form = UseFormReturnType<BucketValues>

function KeyFields({ form, lake }: { form: Form; lake: LakeResponse }) {
  const isSaved = lake.bucket?.accessKeyId === form.values.accessKeyId.trim() && lake.bucket.accessKeyId !== null
  return (
    <div className={classes.pair}>
      <TextInput label="Access key ID" autoComplete="off" spellCheck={false} {...form.getInputProps('accessKeyId')} />
      <PasswordInput
        label="Secret access key"
        description={isSaved ? 'Saved. Type a new one to replace it.' : 'Encrypted, and never shown again.'}
        autoComplete="off"
        {...form.getInputProps('secretAccessKey')}
      />
    </div>
  )
}

function Fields({ form, lake }: { form: Form; lake: LakeResponse }) {
  const plain = { autoComplete: 'off', spellCheck: false } as const
  return (
    <>
      <div className={classes.pair}>
        <TextInput label="Bucket" placeholder="my-music" {...plain} {...form.getInputProps('name')} />
        <TextInput label="Region" placeholder="eu-central-1" {...plain} {...form.getInputProps('region')} />
      </div>
      <div className={classes.pair}>
        <TextInput
          label="Prefix"
          description="Optional. A folder in the bucket."
          {...plain}
          {...form.getInputProps('prefix')}
        />
        <TextInput
          label="Glue database"
          description="Optional. Tables for Athena, kept up to date."
          {...plain}
          {...form.getInputProps('glueDatabase')}
        />
      </div>
      {lake.mayUseRole && (
        <NativeSelect
          label="Signs in with"
          data={Object.entries(CREDENTIALS).map(([value, label]) => ({ value, label }))}
          {...form.getInputProps('credentials')}
        />
      )}
      {form.values.credentials === 'access key' && <KeyFields form={form} lake={lake} />}
    </>
  )
}

/** The form of the bucket, with the results of the checks. */
function BucketForm({ form, lake }: { form: Form; lake: LakeResponse }) {
  const showProblems = ({ fieldProblems }: LakeCheckResult) => form.setErrors(fieldProblems)
  const test = useAction(testLake, { quiet: true, deadlineMs: DEADLINE_MS, refresh: false, onDone: showProblems })
  const save = useAction(saveLake, {
    quiet: true,
    deadlineMs: DEADLINE_MS,
    onDone: (result) => {
      showProblems(result)
      if (result.saved) form.setFieldValue('secretAccessKey', '')
    },
  })
  const disconnect = useAction(saveLake, { quiet: true })
  const isPending = test.isPending || save.isPending
  // Only the newest result counts.
  const last = save.submittedAt > test.submittedAt ? save : test
  const sendTest = form.onSubmit((values) => test.mutate(formOf(values)))
  const sendSave = form.onSubmit((values) => save.mutate({ bucket: formOf(values) }))
  return (
    <form className={classes.stack} onSubmit={sendTest} noValidate>
      <Fields form={form} lake={lake} />
      <div className={classes.buttons}>
        <Button type="submit" variant="default" loading={test.isPending} disabled={save.isPending}>
          Test bucket
        </Button>
        <Button loading={save.isPending} disabled={test.isPending} onClick={() => sendSave()}>
          Save
        </Button>
        {lake.bucket && (
          <Button
            variant="subtle"
            color="rose"
            loading={disconnect.isPending}
            onClick={() => disconnect.mutate({ bucket: null })}
          >
            Disconnect bucket
          </Button>
        )}
      </div>
      <p role="status" className={classes.verdict}>
        {isPending && <Loader size={16} />}
        {isPending ? 'Writing, reading and deleting an object to test each permission.' : verdict(last.data)}
      </p>
      {isPending && <CheckProgress />}
      {!isPending && last === test && <ActionProblem action={test} retry={() => sendTest()} />}
      {!isPending && last === save && <ActionProblem action={save} retry={() => sendSave()} />}
      <ActionProblem action={disconnect} />
      {!isPending && last.data && last.data.checks.length > 0 && <ConnectionChecks checks={last.data.checks} />}
    </form>
  )
}

/** Where the files also go, with the policy that follows what is typed. */
export function BucketPanel({ lake }: { lake: LakeResponse }) {
  const form = useForm<BucketValues>({ initialValues: valuesOf(lake) })
  return (
    <Columns>
      <Panel title={lake.bucket ? 'S3 bucket' : 'Connect an S3 bucket'}>
        <BucketForm form={form} lake={lake} />
      </Panel>
      <Panel title="In AWS">
        <ol className={classes.guide}>
          <li>Create a bucket that is not public, or choose one.</li>
          <li>
            Create an IAM user with this policy. It allows no more than publishing needs.
            <CopyableScript label="IAM policy" button="Copy policy" text={lakePolicy(policyPlace(form.values))} />
          </li>
          <li>Create an access key for that user and enter it here.</li>
        </ol>
        {lake.hasOwnStore && (
          <p className={`${classes.dimmed} ${classes.note}`}>
            This installation uses another store with the API of S3, where permissions may work differently.
          </p>
        )}
      </Panel>
    </Columns>
  )
}
