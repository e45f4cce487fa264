'use client'

import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { ActionProblem } from '#app/_ui/action-problem.tsx'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { useFormRules, violations } from '#app/_ui/use-form-rules.ts'
import { createToken } from '#lib/api/client.ts'
import { TOKEN_SCOPES } from '#lib/api/lists.ts'
import type { TokenForm as Fields, NewApiToken } from '#lib/api/tokens.ts'
import { SCOPE_LABELS } from './token-labels.ts'
import classes from './tokens.module.css'

const EXPIRIES = [
  { value: '7', label: 'in a week' },
  { value: '30', label: 'in 30 days' },
  { value: '90', label: 'in 90 days' },
  { value: '365', label: 'in a year' },
]

/** Creates a token with a name, permissions and expiry. */
export function TokenForm({ onMade, onClose }: { onMade: (made: NewApiToken) => void; onClose: () => void }) {
  const form = useForm<Fields>({
    initialValues: { name: '', scopes: ['read charts'], days: 90 },
    validate: useFormRules(
      () => import('#lib/api/tokens.ts'),
      (contract, values: Fields) => violations(contract.TokenForm, values),
    ),
  })
  const create = useAction(createToken, { onDone: onMade, quiet: true })
  const send = form.onSubmit((values) => create.mutate(values))
  return (
    <form onSubmit={send} className={classes.form} aria-label="New token" noValidate>
      <TextInput
        label="Name"
        description="What the token is for, such as a script or a machine."
        className={classes.name}
        autoComplete="off"
        data-autofocus
        {...form.getInputProps('name')}
      />
      <Checkbox.Group label="Permissions" {...form.getInputProps('scopes')}>
        <div className={classes.scopes}>
          {TOKEN_SCOPES.map((scope) => (
            <Checkbox
              key={scope}
              value={scope}
              label={SCOPE_LABELS[scope].label}
              description={SCOPE_LABELS[scope].help}
            />
          ))}
        </div>
      </Checkbox.Group>
      <NativeSelect
        label="Expires"
        data={EXPIRIES}
        value={String(form.values.days)}
        onChange={(event) => form.setFieldValue('days', Number(event.currentTarget.value))}
        className={classes.expiry}
      />
      <ActionProblem action={create} retry={() => send()} />
      <div className={classes.buttons}>
        <Button type="submit" loading={create.isPending}>
          Create token
        </Button>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
