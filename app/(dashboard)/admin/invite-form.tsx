'use client'

import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { asProblem } from '#app/_ui/answers.ts'
import { Copyable } from '#app/_ui/copyable.tsx'
import { ProblemText } from '#app/_ui/problem.tsx'
import { useSend } from '#app/_ui/use-answer.ts'
import type { NewInvite } from '#lib/api/admin.ts'
import classes from './admin.module.css'

const DAYS = [
  { value: '1', label: 'a day' },
  { value: '7', label: 'a week' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
]
const MOST_USES = 100

interface Fields {
  note: string
  mostUses: string
  days: string
}

function usesProblem(value: string): string | null {
  const uses = Number(value)
  return Number.isInteger(uses) && uses >= 1 && uses <= MOST_USES ? null : `A whole number from 1 to ${MOST_USES}.`
}

/** Makes a link, and shows it this once. */
export function InviteForm() {
  const form = useForm<Fields>({
    initialValues: { note: '', mostUses: '1', days: '7' },
    validate: { mostUses: usesProblem },
  })
  const { mutate, data, isPending, error } = useSend<NewInvite, { note: string; mostUses: number; days: number }>(
    'POST',
    '/api/admin/invites',
    { quiet: true, onDone: form.reset },
  )
  return (
    <form
      className={classes.inviteForm}
      onSubmit={form.onSubmit(({ note, mostUses, days }) =>
        mutate({ note, mostUses: Number(mostUses), days: Number(days) }),
      )}
      noValidate
    >
      <div className={classes.inviteFields}>
        <TextInput label="Note" placeholder="Who it is for" maxLength={100} {...form.getInputProps('note')} />
        <TextInput label="Uses" inputMode="numeric" {...form.getInputProps('mostUses')} />
        <NativeSelect label="Valid for" data={DAYS} {...form.getInputProps('days')} />
        <Button type="submit" loading={isPending}>
          Make a link
        </Button>
      </div>
      {error && <ProblemText problem={asProblem(error)} />}
      {data && (
        <div role="status">
          <p>Copy the link now: it is shown this once, and only its hash is kept.</p>
          <Copyable text={data.link} />
        </div>
      )}
    </form>
  )
}
