'use client'

import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { SQLDialect, type SQLNamespace, sql } from '@codemirror/lang-sql'
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { Compartment, EditorState, Prec } from '@codemirror/state'
import { drawSelection, EditorView, keymap } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useMantineStyleNonce } from '@mantine/core'
import { useEffect, useEffectEvent, useImperativeHandle, useRef } from 'react'
import type { TableInfo } from '#lib/api/tables.ts'
import { FUNCTIONS, KEYWORDS, TYPES } from './duckdb-words.ts'
import classes from './editor.module.css'
import { type CodeEditorProps, LABEL } from './editor-props.ts'

/** CodeMirror as the page's SQL editor. It is large, so only editor.tsx imports it, when it is needed. */

const DuckDB = SQLDialect.define({
  keywords: KEYWORDS,
  types: TYPES,
  builtin: FUNCTIONS,
  caseInsensitiveIdentifiers: true,
  doubleDollarQuotedStrings: true,
  operatorChars: '+-*/%<>!=&|~^',
  specialVar: '$',
})

/** Colors are variables of the page, so they follow its theme. */
const colors = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.bool, tags.null], color: 'var(--code-keyword)', fontWeight: '500' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--code-string)' },
  { tag: tags.number, color: 'var(--code-number)' },
  { tag: [tags.typeName, tags.standard(tags.name), tags.special(tags.name)], color: 'var(--code-name)' },
  { tag: tags.comment, color: 'var(--mantine-color-dimmed)' },
])

function schemaOf(tables: TableInfo[]): SQLNamespace {
  const schemas: Record<string, Record<string, SQLNamespace>> = {}
  for (const { schema, name, title, columns } of tables) {
    schemas[schema] ??= {}
    schemas[schema][name] = {
      self: { label: name, type: 'class', detail: title === name ? '' : title },
      children: columns.map(({ name: label, type, description }) => ({
        label,
        type: 'property',
        detail: type,
        ...(description ? { info: description } : {}),
      })),
    }
  }
  return schemas
}

const languageFor = (tables: TableInfo[]) => sql({ dialect: DuckDB, schema: schemaOf(tables) })

export function CodeEditor({ ref, value, onChange, onRun, tables, describedBy, start }: CodeEditorProps) {
  const nonce = useMantineStyleNonce()
  const parent = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const language = useRef(new Compartment())
  const run = useEffectEvent(() => {
    onRun()
    return true
  })
  const change = useEffectEvent(onChange)
  const create = useEffectEvent(() => {
    const editor = new EditorView({
      parent: parent.current as HTMLElement,
      state: EditorState.create({
        doc: value,
        ...(start ? { selection: { anchor: start.from, head: start.to } } : {}),
        extensions: [
          // Style elements need the nonce of the page's Content Security Policy.
          EditorView.cspNonce.of(nonce?.() ?? ''),
          EditorView.contentAttributes.of({ 'aria-label': LABEL, 'aria-describedby': describedBy }),
          EditorView.lineWrapping,
          Prec.highest(
            keymap.of([
              { key: 'Mod-Enter', run: () => run() },
              // Only while there are suggestions: otherwise Tab leaves the editor, as everywhere on the page.
              { key: 'Tab', run: acceptCompletion },
            ]),
          ),
          history(),
          drawSelection(),
          indentUnit.of('  '),
          bracketMatching(),
          closeBrackets(),
          // A quick Tab would leave the editor instead of accepting.
          autocompletion({ icons: false, maxRenderedOptions: 50, interactionDelay: 0 }),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap]),
          syntaxHighlighting(colors),
          language.current.of(languageFor(tables)),
          EditorView.updateListener.of(({ docChanged, state }) => docChanged && change(state.doc.toString())),
        ],
      }),
    })
    view.current = editor
    if (start) editor.focus()
    return () => editor.destroy()
  })
  useEffect(() => create(), [])
  useEffect(() => {
    view.current?.dispatch({ effects: language.current.reconfigure(languageFor(tables)) })
  }, [tables])
  // A query that was picked elsewhere on the page. Undo brings back what was there.
  useEffect(() => {
    const editor = view.current
    if (!editor || editor.state.doc.toString() === value) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } })
  }, [value])
  useImperativeHandle(ref, () => ({
    selection: () => view.current?.state.selection.main ?? { from: 0, to: 0 },
    insert(text) {
      view.current?.dispatch(view.current.state.replaceSelection(text), { scrollIntoView: true })
      view.current?.focus()
    },
    focus: () => view.current?.focus(),
  }))
  return <div ref={parent} className={classes.code} />
}
