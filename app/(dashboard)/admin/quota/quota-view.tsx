'use client'

import { Link } from '#app/_ui/link.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import type { QuotaResponse } from '#lib/api/admin.ts'
import { getQuota } from '#lib/api/client.ts'
import { AccountPanel } from './account-panel.tsx'
import classes from './quota.module.css'

interface Props {
  query: { limit: number; cursor?: string }
  /** Rendered by the server. */
  initial: QuotaResponse
  isFirstPage: boolean
}

/** Each developer account's use of Spotify's quota, with a forecast. */
export function QuotaView({ query, initial, isFirstPage }: Props) {
  const { data = initial } = useEndpoint(getQuota, { query, initial })
  return (
    <>
      <PageHeader title="Quota" />
      <Panel title="How Spotify counts" action={<Link href="/admin">Admin</Link>}>
        <p>
          Spotify counts requests over the last 24 hours per developer account, across all its apps, and publishes no
          limits. Tracklake learns a limit from the first refusal and stops just short of it from then on; estimates
          hold nothing back. Recently played goes first, because it can’t be fetched later: one request in every 30 s is
          reserved for it and, once Spotify has refused it together with others, all it needs for the day. Usage is
          counted by the hour, so a request counts here for up to 25 hours.
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
