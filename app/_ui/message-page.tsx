import type { ReactNode } from 'react'

/**
 * A page with one message and a link or button. Its styles are global, because Next preloads the imports of the error
 * pages on every page.
 */
export function MessagePage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="message-page">
      <h1>{title}</h1>
      {children}
    </div>
  )
}
