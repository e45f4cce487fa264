import type { ReactNode } from 'react'

/**
 * A page that is one message and a way on. Its style is global: what "not found" and "error" import, Next preloads on
 * every page.
 */
export function MessagePage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="message-page">
      <h1>{title}</h1>
      {children}
    </div>
  )
}
