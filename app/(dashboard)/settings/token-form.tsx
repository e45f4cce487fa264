'use client'

import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { asProblem } from '#app/_ui/answers.ts'
import { ProblemText } from '#app/_ui/problem.tsx'
import { useSend } from '#app/_ui/use-answer.ts'
import type { TokenScope } from '#lib/api/lists.ts'
import type { NewApiToken } from '#lib/api/tokens.ts'
import { SCOPE_WORDS } from './token-words.ts'
import classes from './tokens.module.css'

const ENDS = [
  { value: '7', label: 'in a week' },
  { value: '30', label: 'in 30 days' },
  { value: '90', label: 'in 90 days' },
  { value: '365', label: 'in a year' },
]

const SCOPES = Object.entries(SCOPE_WORDS) as [TokenScope, { word: string; help: string }][]
const LONGEST_NAME = 60

interface Order {
  name: string
  scopes: TokenScope[]
  days: number
}

/** What a new token may do and until when. */
export function TokenForm({ onMade, onClose }: { onMade: (made: NewApiToken) => void; onClose: () => void }) {
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<string[]>(['read charts'])
  const [days, setDays] = useState('90')
  const [isChecked, setChecked] = useState(false)
  const { mutate, isPending, error } = useSend<NewApiToken, Order>('POST', '/api/tokens', {
    onDone: onMade,
    quiet: true,
  })
  const nameProblem = isChecked && name.trim() === '' ? 'Say what it is for.' : null
  const scopeProblem = isChecked && scopes.length === 0 ? 'Allow at least one thing.' : null

  function make(event: FormEvent) {
    event.preventDefault()
    setChecked(true)
    if (name.trim() === '' || scopes.length === 0) return
    mutate({ name: name.trim(), scopes: scopes as TokenScope[], days: Number(days) })
  }

  return (
    <form onSubmit={make} className={classes.form} aria-label="New token">
      <TextInput
        label="Name"
        description="What the token is for, for example the script or the machine."
        value={name}
        maxLength={LONGEST_NAME}
        onChange={(event) => setName(event.currentTarget.value)}
        error={nameProblem}
        className={classes.name}
        autoComplete="off"
        data-autofocus
      />
      <Checkbox.Group label="It may" value={scopes} onChange={setScopes} error={scopeProblem}>
        <div className={classes.scopes}>
          {SCOPES.map(([scope, { word, help }]) => (
            <Checkbox key={scope} value={scope} label={word} description={help} />
          ))}
        </div>
      </Checkbox.Group>
      <NativeSelect
        label="It ends"
        data={ENDS}
        value={days}
        onChange={(event) => setDays(event.currentTarget.value)}
        className={classes.ends}
      />
      {error && <ProblemText problem={asProblem(error)} />}
      <div className={classes.buttons}>
        <Button type="submit" loading={isPending}>
          Make token
        </Button>
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
      </div>
    </form>
  )
}
