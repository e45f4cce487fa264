'use client'

import { Link } from '#app/_ui/link.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { StatusIcon } from '#app/_ui/status-icon.tsx'
import { CheckNow } from '#app/(dashboard)/connections/check-now.tsx'
import type { AdminOverviewResponse } from '#lib/api/admin.ts'
import classes from './admin.module.css'

type App = AdminOverviewResponse['apps'][number]

function AppLine({ app }: { app: App }) {
  const { clientId, isInstances, owner, developerAccount, places, paused } = app
  const facts = [
    `${places.taken} of ${places.most} users`,
    developerAccount !== clientId && `same developer account as ${developerAccount}`,
  ].filter(Boolean)
  return (
    <li className={classes.app}>
      <StatusIcon
        kind={paused ? 'bad' : places.taken >= places.most ? 'warning' : 'good'}
        label={paused ? 'paused' : places.taken >= places.most ? 'full' : 'in use'}
      />
      <div>
        <h3>{isInstances ? 'This installation’s app' : owner ? `${owner}’s app` : 'Unowned app'}</h3>
        <p className={classes.dimmed}>
          <code>{clientId}</code> · {facts.join(' · ')}
        </p>
        {paused && <CheckNow paused={paused} app={clientId} />}
      </div>
    </li>
  )
}

/** The Spotify apps that listeners sign in through. Spotify allows five people per app. */
export function SpotifyApps({ apps }: Pick<AdminOverviewResponse, 'apps'>) {
  return (
    <Panel title="Spotify apps" action={<Link href="/admin/quota">All apps</Link>}>
      <ul className={classes.list}>
        {apps.map((app) => (
          <AppLine key={app.clientId} app={app} />
        ))}
      </ul>
      <p className={classes.dimmed}>
        Spotify allows five people per app in development mode, and the app’s owner needs Premium. Anyone invited or
        signed in can bring their own app instead.
      </p>
    </Panel>
  )
}
