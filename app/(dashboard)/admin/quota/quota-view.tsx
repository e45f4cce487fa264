'use client'

import Link from 'next/link'
import { Panel } from '#app/_ui/panel.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useAnswer } from '#app/_ui/use-answer.ts'
import type { QuotaAnswer } from '#lib/api/answers.ts'
import { AccountPanel } from './account-panel.tsx'
import classes from './quota.module.css'

interface Props {
  path: string
  /** Rendered by the server. */
  initial: QuotaAnswer
  isFirstPage: boolean
}

/** Each developer account's use of Spotify's quota, with a forecast. */
export function QuotaView({ path, initial, isFirstPage }: Props) {
  const { data = initial } = useAnswer<QuotaAnswer>(path, { initial })
  return (
    <>
      <PageHeader title="Quota" />
      <Panel title="How Spotify counts" action={<Link href="/admin">Admin</Link>}>
        <p>
          Spotify counts requests over the last 24 hours per developer account, across all its apps, and publishes no
          limits. Tracklake learns a limit from the first refusal and stops just short of it from then on; estimates
          hold nothing back. Recently played goes first, because it can’t be fetched later: one request in every 30 s is
          reserved for it, and after a shared refusal also its needs for the day. Hours count as a whole, so a request
          counts here for up to 25 hours.
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
