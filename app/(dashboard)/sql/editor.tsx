'use client'

import {
  type ComponentType,
  type KeyboardEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
} from 'react'
import classes from './editor.module.css'
import { type CodeEditorProps, type EditorProps, LABEL, type TextEditor } from './editor-props.ts'

/** On a phone, its own text field is the better editor: it keeps the keyboard's suggestions, selection and undo. */
const HAS_KEYBOARD = '(pointer: fine)'

/**
 * Where SQL is typed: a text field at once, and CodeMirror as soon as the pointer or the focus reaches it. Text, selection
 * and focus stay. If CodeMirror can't be loaded, the text field remains.
 */
export function Editor({ ref, ...props }: EditorProps) {
  const [Loaded, setLoaded] = useState<ComponentType<CodeEditorProps>>()
  const [start, setStart] = useState<CodeEditorProps['start']>(null)
  const current = useRef<TextEditor>(null)
  const isComposing = useRef(false)
  const isLoading = useRef(false)
  useImperativeHandle(ref, () => ({
    insert: (text) => current.current?.insert(text),
    focus: () => current.current?.focus(),
  }))
  const load = () => {
    if (isLoading.current || Loaded || !matchMedia(HAS_KEYBOARD).matches) return
    isLoading.current = true
    import('./code-editor.tsx').then(
      ({ CodeEditor }) => {
        isLoading.current = false
        // Replacing the field would break off what an input method is composing. The next event tries again.
        if (isComposing.current) return
        const hasFocus = document.activeElement?.getAttribute('data-sql-field') !== null
        setStart(hasFocus && document.activeElement ? (current.current?.selection() ?? null) : null)
        setLoaded(() => CodeEditor)
      },
      () => {
        isLoading.current = false
      },
    )
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches what happens in the editor
    <div
      className={classes.frame}
      onPointerEnter={load}
      onFocus={load}
      onCompositionStart={() => {
        isComposing.current = true
      }}
      onCompositionEnd={() => {
        isComposing.current = false
        load()
      }}
    >
      {Loaded ? <Loaded {...props} ref={current} start={start} /> : <Field {...props} ref={current} />}
    </div>
  )
}

function Field({ ref, value, onChange, onRun, describedBy }: Omit<EditorProps, 'ref'> & { ref: Ref<TextEditor> }) {
  const field = useRef<HTMLTextAreaElement>(null)
  const caret = useRef<number>(null)
  // After React has written the value, which moves the caret to the end.
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each text
  useEffect(() => {
    if (caret.current === null) return
    field.current?.setSelectionRange(caret.current, caret.current)
    caret.current = null
  }, [value])
  const selection = () => ({
    from: field.current?.selectionStart ?? value.length,
    to: field.current?.selectionEnd ?? value.length,
  })
  useImperativeHandle(ref, () => ({
    selection,
    insert(text) {
      const { from, to } = selection()
      caret.current = from + text.length
      onChange(`${value.slice(0, from)}${text}${value.slice(to)}`)
      field.current?.focus()
    },
    focus: () => field.current?.focus(),
  }))
  const runOnEnter = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    onRun()
  }
  return (
    <textarea
      ref={field}
      className={classes.field}
      data-sql-field=""
      aria-label={LABEL}
      aria-describedby={describedBy}
      spellCheck={false}
      autoCapitalize="off"
      autoCorrect="off"
      autoComplete="off"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={runOnEnter}
    />
  )
}
