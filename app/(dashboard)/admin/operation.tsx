'use client'

import Link from 'next/link'
import { Mark } from '#app/_ui/mark.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Columns, Panel } from '#app/_ui/panel.tsx'
import type { AdminOverviewResponse } from '#lib/api/admin.ts'
import classes from './admin.module.css'
import { QuotaBar } from './quota-bar.tsx'

const HEALTH_LOOKS = { ok: 'good', degraded: 'warning', down: 'bad' } as const

function Quota({ quota, apps }: Pick<AdminOverviewResponse, 'quota' | 'apps'>) {
  const operators = apps.find(({ isInstances }) => isInstances)?.developerAccount
  return (
    <Panel title="Spotify's quota" action={<Link href="/admin/quota">Limits and forecast</Link>}>
      <p className={classes.dimmed}>
        {quota.length === 0
          ? 'Nothing was asked through this installation’s app in 24 hours, and nothing was refused.'
          : 'Of this installation’s app, and of developer accounts that Spotify refused something.'}
      </p>
      <ul className={classes.list}>
        {quota.map((group) => (
          <QuotaBar key={`${group.account} ${group.group}`} quota={group} isInstances={group.account === operators} />
        ))}
      </ul>
    </Panel>
  )
}

function Health({ health }: Pick<AdminOverviewResponse, 'health'>) {
  return (
    <Panel title="Health">
      <ul className={classes.list}>
        {health.checks.map(({ name, status, detail }) => (
          <li key={name} className={classes.check}>
            <Mark look={HEALTH_LOOKS[status]} word={status} />
            <span>
              {name} <span className={classes.dimmed}>{detail}</span>
            </span>
          </li>
        ))}
      </ul>
      <p className={classes.dimmed}>Version {health.version}</p>
    </Panel>
  )
}

function Audit({ audit }: Pick<AdminOverviewResponse, 'audit'>) {
  return (
    <Panel title="Audit">
      {audit.length === 0 && <p className={classes.dimmed}>Nothing happened yet.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <ol className={classes.audit} tabIndex={0} aria-label="Audit, newest first">
        {audit.map(({ at, actor, action, subject }) => (
          <li key={`${at} ${actor} ${action} ${subject}`}>
            <Moment at={at} /> {actor ?? 'the app'}: {action} <span className={classes.dimmed}>{subject}</span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}

/** How the instance runs: quota, health, and who did what. */
export function Operation({ overview }: { overview: AdminOverviewResponse }) {
  return (
    <>
      <Columns>
        <Quota quota={overview.quota} apps={overview.apps} />
        <Health health={overview.health} />
      </Columns>
      <Audit audit={overview.audit} />
    </>
  )
}
