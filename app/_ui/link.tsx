'use client'

import NextLink from 'next/link'
import { type ComponentProps, useState } from 'react'

/**
 * A link to a page of the app. It prefetches on hover or focus, not when it scrolls into view, which would cost each page
 * 8 to 15 requests.
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
