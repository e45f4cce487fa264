'use client'

import { useEffect, useState } from 'react'
import { useMe } from '#app/_ui/me.tsx'
import type { SavedQuery } from '#lib/api/sql.ts'

/** What was typed, and the id of the saved query that it changes; null for none. */
interface Draft {
  query: string | null
  text: string
}

function readDraft(key: string): Draft | null {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? 'null')
  } catch {
    return null
  }
}

/**
 * The text of the editor. It survives a reload of the tab, so that nothing typed is lost.
 *
 * @param opened the saved query that is open; replaces the text when another one is opened
 * @param start where nothing was typed yet
 */
export function useDraft(opened: SavedQuery | undefined, start: string): [string, (text: string) => void] {
  const key = `sql-draft:${useMe().id}`
  const query = opened?.id ?? null
  const [text, setText] = useState(opened?.sql ?? start)
  const [shown, setShown] = useState(query)
  if (query !== shown) {
    setShown(query)
    if (opened) setText(opened.sql)
  }
  // After hydration: the server doesn't know the draft.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once
  useEffect(() => {
    const draft = readDraft(key)
    if (draft && draft.query === query) setText(draft.text)
  }, [])
  return [
    text,
    (next) => {
      setText(next)
      try {
        sessionStorage.setItem(key, JSON.stringify({ query, text: next } satisfies Draft))
      } catch {
        // Full or switched off: the text is still on the page.
      }
    },
  ]
}
