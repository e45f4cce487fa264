'use client'

import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { ActionProblem } from '#app/_ui/action-problem.tsx'
import { Copyable } from '#app/_ui/copyable.tsx'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { useFormRules, violations } from '#app/_ui/use-form-rules.ts'
import { createInvite } from '#lib/api/client.ts'
import classes from './admin.module.css'

const DAYS = [
  { value: '1', label: 'a day' },
  { value: '7', label: 'a week' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
]

interface Fields {
  note: string
  mostUses: string
  days: string
}

const bodyOf = ({ note, mostUses, days }: Fields) => ({ note, mostUses: Number(mostUses), days: Number(days) })

/** Creates an invite link and shows it once. */
export function InviteForm() {
  const form = useForm<Fields>({
    initialValues: { note: '', mostUses: '1', days: '7' },
    validate: useFormRules(
      () => import('#lib/api/admin.ts'),
      (contract, values: Fields) => violations(contract.InviteForm, bodyOf(values)),
    ),
  })
  const create = useAction(createInvite, { quiet: true, onDone: form.reset })
  const { data, isPending } = create
  const send = form.onSubmit((values) => create.mutate(bodyOf(values)))
  return (
    <form className={classes.inviteForm} onSubmit={send} noValidate>
      <div className={classes.inviteFields}>
        <TextInput label="Note" placeholder="Who it is for" maxLength={100} {...form.getInputProps('note')} />
        <TextInput label="Uses" inputMode="numeric" {...form.getInputProps('mostUses')} />
        <NativeSelect label="Valid for" data={DAYS} {...form.getInputProps('days')} />
        <Button type="submit" loading={isPending}>
          Create link
        </Button>
      </div>
      <ActionProblem action={create} retry={() => send()} />
      {data && (
        <div role="status">
          <p>Copy the link now. It’s shown only once; only its hash is stored.</p>
          <Copyable text={data.link} />
        </div>
      )}
    </form>
  )
}
