'use client'

import Link from 'next/link'
import { PageTop } from '#app/_ui/frame/page-top.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import type { QuotaResponse } from '#lib/api/admin.ts'
import { getQuota } from '#lib/api/client.ts'
import { AccountPanel } from './account-panel.tsx'
import classes from './quota.module.css'

interface Props {
  query: { limit: number; cursor?: string }
  /** What the server knew when it rendered. */
  initial: QuotaResponse
  isFirstPage: boolean
}

/** What each developer account has used of Spotify's quota, and how far the rest goes. */
export function QuotaView({ query, initial, isFirstPage }: Props) {
  const { data = initial } = useEndpoint(getQuota, { query, initial })
  return (
    <>
      <PageTop title="Quota" />
      <Panel title="How Spotify counts" action={<Link href="/admin">All of Admin</Link>}>
        <p>
          Spotify counts the requests of the last 24 hours by developer account, over all its apps, and publishes no
          numbers. Tracklake learns a limit from the first refusal and stops shortly before it from then on. A guess
          holds nothing back. Recently played goes first: it is the one thing that cannot be fetched later. Of each 30 s
          a place is kept for it, and of the day what it needs once Spotify refused it together with others. Hours are
          counted whole, so that a request counts here for up to 25 hours.
        </p>
      </Panel>
      {data.accounts.length === 0 && <p className={classes.dimmed}>No Spotify app is known yet.</p>}
      {data.accounts.map((account) => (
        <AccountPanel key={account.account} account={account} />
      ))}
      {(data.next || !isFirstPage) && (
        <nav aria-label="Developer accounts" className={classes.pages}>
          {!isFirstPage && <Link href="/admin/quota">First accounts</Link>}
          {data.next && <Link href={`/admin/quota?cursor=${encodeURIComponent(data.next)}`}>Next accounts</Link>}
        </nav>
      )}
    </>
  )
}
