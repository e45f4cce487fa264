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
    owner ? `${owner}’s app` : 'this installation’s app',
    formatCount(listeners, 'listener'),
    windowLimit === null ? 'no known 30 s limit' : `${formatNumber(windowLimit)} requests in 30 s`,
  ]
  return (
    <li>
      <code>{clientId}</code>
      <span className={classes.dimmed}>
        {facts.join(' · ')}
        {pausedUntil && (
          <>
            {' · '}paused, resumes <Moment at={pausedUntil} />
          </>
        )}
      </span>
    </li>
  )
}

/** An account is named after its first app. If it is the only one, its id is not shown twice. */
function isNamedByApp({ account, apps }: QuotaAccount): boolean {
  return apps.length === 1 && apps[0]?.clientId === account
}

/** One developer account: its apps and endpoint groups. */
export function AccountPanel({ account }: { account: QuotaAccount }) {
  const { apps, used, limit, reserve, groups } = account
  const hasLearned =
    limit !== null || groups.some(({ isKnown }) => isKnown) || apps.some(({ windowLimit }) => windowLimit !== null)
  return (
    <Panel
      title={isNamedByApp(account) ? 'Developer account' : `Developer account ${account.account}`}
      action={hasLearned && <ForgetButton account={account.account} />}
    >
      <div className={classes.stack}>
        <FactList
          facts={[
            ['Requests in 24 hours', formatNumber(used)],
            ['Overall limit', limit === null ? 'none known' : formatNumber(limit)],
            ['Reserved for recently played', reserve === null ? 'one request in 30 s' : formatNumber(reserve)],
          ]}
        />
        <ul className={classes.apps} aria-label="Apps that share this quota">
          {apps.map((app) => (
            <AppLine key={app.clientId} app={app} />
          ))}
        </ul>
        {groups.length === 0 && <p className={classes.dimmed}>No requests in the last 24 hours.</p>}
        <ul className={classes.groups} aria-label="Endpoint groups">
          {groups.map((group) => (
            <GroupLine key={group.group} group={group} />
          ))}
        </ul>
      </div>
    </Panel>
  )
}
