'use client'

import { FactList } from '#app/_ui/fact-list.tsx'
import { formatCount, formatNumber } from '#app/_ui/format.ts'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import type { QuotaAccount } from '#lib/api/admin.ts'
import { ForgetButton } from './forget-button.tsx'
import { GroupLine } from './group-line.tsx'
import classes from './quota.module.css'

type App = QuotaAccount['apps'][number]

function AppLine({ app }: { app: App }) {
  const { clientId, owner, listeners, windowLimit, pausedUntil } = app
  const facts = [
    owner ? `brought by ${owner}` : 'of this instance',
    formatCount(listeners, 'listener'),
    windowLimit === null ? '30 s limit not known yet' : `${formatNumber(windowLimit)} requests in 30 s`,
  ]
  return (
    <li>
      <code>{clientId}</code>
      <span className={classes.dimmed}>
        {facts.join(' · ')}
        {pausedUntil && (
          <>
            {' · '}pauses, goes on <Moment at={pausedUntil} />
          </>
        )}
      </span>
    </li>
  )
}

/** One developer account: its apps, and its groups of addresses. */
export function AccountPanel({ account }: { account: QuotaAccount }) {
  const { apps, used, limit, reserve, groups } = account
  const hasLearned =
    limit !== null || groups.some(({ isKnown }) => isKnown) || apps.some(({ windowLimit }) => windowLimit !== null)
  return (
    <Panel
      title={`Developer account ${account.account}`}
      action={hasLearned && <ForgetButton account={account.account} />}
    >
      <div className={classes.stack}>
        <FactList
          facts={[
            ['Requests in 24 hours', formatNumber(used)],
            ['Limit of all together', limit === null ? 'none seen' : formatNumber(limit)],
            ['Kept for recently played', reserve === null ? 'a place in each 30 s' : formatNumber(reserve)],
          ]}
        />
        <ul className={classes.apps} aria-label="Apps that share this quota">
          {apps.map((app) => (
            <AppLine key={app.clientId} app={app} />
          ))}
        </ul>
        {groups.length === 0 && <p className={classes.dimmed}>Nothing was asked of Spotify in the last 24 hours.</p>}
        <ul className={classes.groups} aria-label="Groups of addresses">
          {groups.map((group) => (
            <GroupLine key={group.group} group={group} />
          ))}
        </ul>
      </div>
    </Panel>
  )
}
