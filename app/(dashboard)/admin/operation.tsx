'use client'

import { formatCount } from '#app/_ui/format.ts'
import { Link } from '#app/_ui/link.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Columns, Panel } from '#app/_ui/panel.tsx'
import { StatusIcon } from '#app/_ui/status-icon.tsx'
import type { AdminOverviewResponse } from '#lib/api/admin.ts'
import classes from './admin.module.css'
import { QuotaBar } from './quota-bar.tsx'

const HEALTH_STATUS = { ok: 'good', degraded: 'warning', down: 'bad' } as const

function Quota({ quota, apps }: Pick<AdminOverviewResponse, 'quota' | 'apps'>) {
  const operatorAccount = apps.find(({ isInstances }) => isInstances)?.developerAccount
  return (
    <Panel title="Spotify quota" action={<Link href="/admin/quota">Limits and forecast</Link>}>
      <p className={classes.dimmed}>
        {quota.length === 0
          ? 'No requests or refusals in the last 24 hours.'
          : 'This installation’s app, and developer accounts whose requests Spotify has refused.'}
      </p>
      <ul className={classes.list}>
        {quota.map((group) => (
          <QuotaBar
            key={`${group.account} ${group.group}`}
            quota={group}
            isInstances={group.account === operatorAccount}
          />
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
            <StatusIcon kind={HEALTH_STATUS[status]} label={status} />
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

/** Whether artist names are sent to MusicBrainz. */
function Genres({ musicBrainz: { isOn, waiting, problem } }: Pick<AdminOverviewResponse, 'musicBrainz'>) {
  return (
    <Panel title="Genres from MusicBrainz">
      <p>
        {isOn
          ? `On: artist names are sent to MusicBrainz. ${formatCount(waiting, 'artist')} left to look up.`
          : 'Off: nothing is sent. To turn it on, set MUSICBRAINZ_CONTACT to your email or web address.'}
      </p>
      {problem && <p className={classes.dimmed}>{problem}. Tracklake will try again.</p>}
    </Panel>
  )
}

function Audit({ audit }: Pick<AdminOverviewResponse, 'audit'>) {
  return (
    <Panel title="Audit">
      {audit.length === 0 && <p className={classes.dimmed}>No entries yet.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable by keyboard */}
      <ol className={classes.audit} tabIndex={0} aria-label="Audit, newest first">
        {audit.map(({ at, actor, action, subject }) => (
          <li key={`${at} ${actor} ${action} ${subject}`}>
            <Moment at={at} /> {actor ?? 'Tracklake'}: {action} <span className={classes.dimmed}>{subject}</span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}

/** Quota, health and audit trail of the instance. */
export function Operation({ overview }: { overview: AdminOverviewResponse }) {
  return (
    <>
      <Columns>
        <Quota quota={overview.quota} apps={overview.apps} />
        <Health health={overview.health} />
      </Columns>
      <Genres musicBrainz={overview.musicBrainz} />
      <Audit audit={overview.audit} />
    </>
  )
}
