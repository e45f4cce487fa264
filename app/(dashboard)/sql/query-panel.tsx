'use client'

import { Button, TextInput } from '@mantine/core'
import { type RefObject, useEffect, useId, useState } from 'react'
import { inSentences } from '#app/_ui/format.ts'
import { Panel } from '#app/_ui/panel.tsx'
import type { RequestProblem } from '#app/_ui/request.ts'
import { SQL_LIMITS } from '#lib/api/limits.ts'
import type { SavedQuery } from '#lib/api/sql.ts'
import type { TableInfo } from '#lib/api/tables.ts'
import { Editor } from './editor.tsx'
import type { EditorHandle } from './editor-props.ts'
import { OpenedQuery } from './opened-query.tsx'
import { SaveForm } from './save-form.tsx'
import classes from './sql.module.css'

interface Props {
  editor: RefObject<EditorHandle | null>
  tables: TableInfo[]
  sql: string
  onChange: (sql: string) => void
  /** The names of the parameters in the query, and their values as typed. */
  parameters: string[]
  values: Record<string, string>
  onValue: (name: string, value: string) => void
  /** The saved query in the editor, and the name of one that doesn't exist. */
  opened: SavedQuery | undefined
  missing: string | null
  onOpen: (name: string | null) => void
  onRun: () => void
  onCancel: () => void
  runningSince: number | null
  problem: RequestProblem | null
}

/** The editor, the values of parameters, and what can be done with the query. */
export function QueryPanel(props: Props) {
  const { editor, tables, sql, onChange, parameters, values, onValue, opened, missing, onOpen } = props
  const { onRun, onCancel, runningSince, problem } = props
  const [isSaving, setSaving] = useState(false)
  const help = useId()
  const canRun = sql.trim() !== '' && runningSince === null
  const run = () => canRun && onRun()
  const isChanged = opened !== undefined && opened.sql !== sql
  return (
    <Panel
      title={opened?.name ?? 'Query'}
      action={
        isChanged && (
          <>
            <span className={classes.dimmed}>changed, not saved</span>
            <Button variant="default" size="compact-xs" onClick={() => onChange(opened.sql)}>
              Revert
            </Button>
          </>
        )
      }
    >
      {missing !== null && (
        <p className={classes.notice} role="status">
          You have no saved query “{missing.slice(0, 100)}”. It may have been renamed or deleted.
        </p>
      )}
      {opened?.description && <p className={classes.description}>{opened.description}</p>}
      <Editor ref={editor} value={sql} onChange={onChange} onRun={run} tables={tables} describedBy={help} />
      {parameters.length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset can't be laid out as a grid everywhere
        <div className={classes.parameters} role="group" aria-label="Parameters">
          {parameters.map((name) => (
            <TextInput
              key={name}
              label={`$${name}`}
              value={values[name] ?? ''}
              maxLength={SQL_LIMITS.parameterCharacters}
              error={problem?.fields[name]}
              autoComplete="off"
              onChange={(event) => onValue(name, event.currentTarget.value)}
              onKeyDown={({ key }) => key === 'Enter' && run()}
            />
          ))}
        </div>
      )}
      <div className={classes.actions}>
        {runningSince === null ? (
          <Button onClick={run} disabled={!canRun}>
            Run
          </Button>
        ) : (
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
        )}
        <Button variant="default" aria-expanded={isSaving} onClick={() => setSaving((before) => !before)}>
          {opened ? (isChanged ? 'Save changes' : 'Rename') : 'Save'}
        </Button>
        {runningSince !== null && <Elapsed since={runningSince} />}
        <p id={help} className={classes.keys} hidden={runningSince !== null}>
          Ctrl+Enter or ⌘Enter runs it. Suggestions: Ctrl+Space, Tab accepts; Esc closes them, then Tab leaves the
          editor.
        </p>
      </div>
      {problem && <QueryProblem problem={problem} />}
      {isSaving && (
        <SaveForm
          key={opened?.id}
          sql={sql}
          opened={opened}
          onClose={() => setSaving(false)}
          onSaved={({ name }) => {
            setSaving(false)
            if (name !== opened?.name) onOpen(name)
          }}
        />
      )}
      {opened && !isSaving && <OpenedQuery query={opened} onDeleted={() => onOpen(null)} />}
    </Panel>
  )
}

const TICK_MS = 1_000

/** How long a query has been running. */
function Elapsed({ since }: { since: number }) {
  const [now, setNow] = useState(since)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  return (
    <p className={classes.elapsed} role="status">
      Running, {Math.max(0, Math.round((now - since) / 1_000))} s. Queries end after {SQL_LIMITS.seconds} s.
    </p>
  )
}

/** Why there is no result. DuckDB points at the place in the text, so its message keeps its lines. */
function QueryProblem({ problem: { code, message, remedy } }: { problem: RequestProblem }) {
  if (code === 'query-cancelled')
    return (
      <p className={classes.notice} role="status">
        Query canceled.
      </p>
    )
  return (
    <div role="alert" className={classes.problem}>
      {code === 'bad-sql' ? <pre>{message}</pre> : <p>{inSentences(message)}</p>}
      <p className={classes.dimmed}>{inSentences(remedy)}</p>
    </div>
  )
}
