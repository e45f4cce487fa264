import type { Ref } from 'react'
import type { TableInfo } from '#lib/api/tables.ts'

/** What other parts of the page do with the text. */
export interface EditorHandle {
  /** Writes over the selection and focuses the editor. */
  insert(text: string): void
  focus(): void
}

/** What both editors have, so that one can take over from the other. */
export interface TextEditor extends EditorHandle {
  selection(): { from: number; to: number }
}

export interface EditorProps {
  ref: Ref<EditorHandle>
  value: string
  onChange(value: string): void
  /** Ctrl+Enter, or ⌘ and Enter. */
  onRun(): void
  /** What is completed. */
  tables: TableInfo[]
  /** The id of what describes the editor. */
  describedBy: string
}

export interface CodeEditorProps extends Omit<EditorProps, 'ref'> {
  ref: Ref<TextEditor>
  /** The selection of the field it takes over from; null if that had no focus. */
  start: { from: number; to: number } | null
}

/** The accessible name of the editors. */
export const LABEL = 'SQL'
