'use client'

import NextLink from 'next/link'
import { type ComponentProps, useState } from 'react'

/**
 * A link to a page of the app. The page is prefetched when somebody points at the link or focuses it, and not as soon
 * as the link comes into view: each page would otherwise start 8 to 15 requests.
 */
export function Link(props: ComponentProps<typeof NextLink>) {
  const [isIntended, setIntended] = useState(false)
  const intend = () => setIntended(true)
  return (
    <NextLink
      {...props}
      prefetch={isIntended ? null : false}
      onMouseEnter={intend}
      onTouchStart={intend}
      onFocus={intend}
    />
  )
}
