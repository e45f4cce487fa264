'use client'

import Link from 'next/link'
import { Mark } from '#app/_ui/mark.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { LookNow } from '#app/(dashboard)/connections/look-now.tsx'
import type { AdminOverviewResponse } from '#lib/api/admin.ts'
import classes from './admin.module.css'

type App = AdminOverviewResponse['apps'][number]

function AppLine({ app }: { app: App }) {
  const { clientId, isInstances, owner, developerAccount, places, paused } = app
  const facts = [
    `${places.taken} of ${places.most} places taken`,
    developerAccount !== clientId && `shares the developer account of ${developerAccount}`,
  ].filter(Boolean)
  return (
    <li className={classes.app}>
      <Mark
        look={paused ? 'bad' : places.taken >= places.most ? 'warning' : 'good'}
        word={paused ? 'paused' : places.taken >= places.most ? 'full' : 'in use'}
      />
      <div>
        <h3>{isInstances ? 'This installation’s app' : `${owner ?? 'Nobody'}’s app`}</h3>
        <p className={classes.dimmed}>
          <code>{clientId}</code> · {facts.join(' · ')}
        </p>
        {paused && <LookNow paused={paused} app={clientId} />}
      </div>
    </li>
  )
}

/** The apps that people sign in through. Spotify lets five into each; whoever brings one needs no place in another. */
export function SpotifyApps({ apps }: Pick<AdminOverviewResponse, 'apps'>) {
  return (
    <Panel title="Spotify apps" action={<Link href="/admin/quota">All apps</Link>}>
      <ul className={classes.list}>
        {apps.map((app) => (
          <AppLine key={app.clientId} app={app} />
        ))}
      </ul>
      <p className={classes.dimmed}>
        Spotify lets five people into an app in development mode, whose owner needs Premium. Whoever is invited, or
        signed in, can bring an app of their own instead.
      </p>
    </Panel>
  )
}
