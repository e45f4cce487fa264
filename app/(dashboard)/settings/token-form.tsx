'use client'

import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { asProblem } from '#app/_ui/answers.ts'
import { ProblemText } from '#app/_ui/problem.tsx'
import { useSend } from '#app/_ui/use-answer.ts'
import type { NewApiTokenAnswer, TokenScope } from '#lib/api/answers.ts'
import { SCOPE_LABELS } from './token-labels.ts'
import classes from './tokens.module.css'

const EXPIRIES = [
  { value: '7', label: 'in a week' },
  { value: '30', label: 'in 30 days' },
  { value: '90', label: 'in 90 days' },
  { value: '365', label: 'in a year' },
]

const SCOPES = Object.entries(SCOPE_LABELS) as [TokenScope, { label: string; help: string }][]
const MAX_NAME_LENGTH = 60

interface TokenRequest {
  name: string
  scopes: TokenScope[]
  days: number
}

/** Creates a token with a name, permissions and expiry. */
export function TokenForm({ onMade, onClose }: { onMade: (made: NewApiTokenAnswer) => void; onClose: () => void }) {
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<string[]>(['read charts'])
  const [days, setDays] = useState('90')
  const [isChecked, setChecked] = useState(false)
  const { mutate, isPending, error } = useSend<NewApiTokenAnswer, TokenRequest>('POST', '/api/tokens', {
    onDone: onMade,
    quiet: true,
  })
  const nameProblem = isChecked && name.trim() === '' ? 'Enter a name.' : null
  const scopeProblem = isChecked && scopes.length === 0 ? 'Choose at least one permission.' : null

  function create(event: FormEvent) {
    event.preventDefault()
    setChecked(true)
    if (name.trim() === '' || scopes.length === 0) return
    mutate({ name: name.trim(), scopes: scopes as TokenScope[], days: Number(days) })
  }

  return (
    <form onSubmit={create} className={classes.form} aria-label="New token">
      <TextInput
        label="Name"
        description="What the token is for, such as a script or a machine."
        value={name}
        maxLength={MAX_NAME_LENGTH}
        onChange={(event) => setName(event.currentTarget.value)}
        error={nameProblem}
        className={classes.name}
        autoComplete="off"
        data-autofocus
      />
      <Checkbox.Group label="Permissions" value={scopes} onChange={setScopes} error={scopeProblem}>
        <div className={classes.scopes}>
          {SCOPES.map(([scope, { label, help }]) => (
            <Checkbox key={scope} value={scope} label={label} description={help} />
          ))}
        </div>
      </Checkbox.Group>
      <NativeSelect
        label="Expires"
        data={EXPIRIES}
        value={days}
        onChange={(event) => setDays(event.currentTarget.value)}
        className={classes.expiry}
      />
      {error && <ProblemText problem={asProblem(error)} />}
      <div className={classes.buttons}>
        <Button type="submit" loading={isPending}>
          Create token
        </Button>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
