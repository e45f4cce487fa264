'use client'

import { Link } from './link.tsx'
import { useMe } from './me.tsx'

/** Where plays from before the first sync come from. Instances without the built-in warehouse can't import. */
export function ImportHint() {
  const { serving } = useMe()
  if (serving !== 'embedded') return null
  return (
    <>
      Spotify’s export has earlier plays. <Link href="/import">Import your history</Link>
    </>
  )
}
