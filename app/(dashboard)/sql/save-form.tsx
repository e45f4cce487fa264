'use client'

import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { ActionProblem } from '#app/_ui/action-problem.tsx'
import { keyOf } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { useFormRules, violations } from '#app/_ui/use-form-rules.ts'
import { getQueries, saveQuery } from '#lib/api/client.ts'
import type { SavedQueryForm as Fields, SavedQueriesResponse, SavedQuery } from '#lib/api/sql.ts'
import classes from './sql.module.css'

interface Props {
  sql: string
  /** The saved query that can be changed. */
  opened: SavedQuery | undefined
  onSaved: (query: SavedQuery) => void
  onClose: () => void
}

/** Names and describes the query in the editor, as a new one or instead of the opened one. */
export function SaveForm({ sql, opened, onSaved, onClose }: Props) {
  const form = useForm({
    initialValues: { name: opened?.name ?? '', description: opened?.description ?? '' },
    validate: useFormRules(
      () => import('#lib/api/sql.ts'),
      (contract, values: Pick<Fields, 'name' | 'description'>) =>
        violations(contract.SavedQueryForm, { ...values, sql }),
    ),
  })
  const client = useQueryClient()
  const save = useAction(saveQuery, {
    quiet: true,
    onDone(query) {
      // The page opens it by its name, before the list is fetched again.
      client.setQueryData<SavedQueriesResponse>(
        keyOf(getQueries),
        (list) => list && { ...list, queries: [...list.queries.filter(({ id }) => id !== query.id), query] },
      )
      onSaved(query)
    },
  })
  const send = (id?: string) => form.onSubmit((values) => save.mutate({ ...values, sql, ...(id ? { id } : {}) }))
  return (
    <form onSubmit={send(opened?.id)} className={classes.form} aria-label="Save query" noValidate>
      <TextInput
        label="Name"
        description="Letters, digits, - and _. It is part of the query’s address."
        autoComplete="off"
        data-autofocus
        {...form.getInputProps('name')}
      />
      <TextInput label="Description" autoComplete="off" {...form.getInputProps('description')} />
      <div className={classes.actions}>
        <Button type="submit" loading={save.isPending}>
          {opened ? `Save “${opened.name}”` : 'Save query'}
        </Button>
        {opened && (
          <Button
            variant="default"
            disabled={save.isPending || form.values.name === opened.name}
            title={form.values.name === opened.name ? 'Enter another name first' : undefined}
            onClick={() => send()()}
          >
            Save as a new query
          </Button>
        )}
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
      </div>
      <ActionProblem action={save} />
    </form>
  )
}
