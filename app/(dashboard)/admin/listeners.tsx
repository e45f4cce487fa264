'use client'

import type { ReactNode } from 'react'
import { formatBytes, formatDate } from '#app/_ui/format.ts'
import { useZone } from '#app/_ui/me.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { ScrollTable } from '#app/_ui/scroll-table.tsx'
import { StateBadge } from '#app/_ui/state-badge.tsx'
import type { AdminListenersResponse } from '#lib/api/admin.ts'
import { ListenerActions } from './listener-actions.tsx'
import { PageLinks } from './page-links.tsx'
import { adminHref, type View } from './view.ts'

type AdminListener = AdminListenersResponse['listeners'][number]

const HEADERS = ['Listener', 'Last run', 'Last play', 'Consent', 'Spotify app', 'Warehouse', 'Since', 'Actions']

function ListenerRow({ listener, adminsAreSet }: { listener: AdminListener; adminsAreSet: boolean }) {
  const zone = useZone()
  const { consent, consentEndsAt, lastPlayAt, lastRunState, warehouse, warehouseBytes } = listener
  const expiry: ReactNode = consentEndsAt && (
    <>
      expires <Moment at={consentEndsAt} />
    </>
  )
  return (
    <tr>
      <th scope="row">
        {listener.name}
        {listener.isAdmin && ' (admin)'}
        {listener.suspendedAt && ' (suspended)'}
      </th>
      <td>{lastRunState ? <StateBadge state={lastRunState} /> : '–'}</td>
      <td>{lastPlayAt ? <Moment at={lastPlayAt} /> : '–'}</td>
      <td>{consent === 'given' ? (expiry ?? 'given') : consent}</td>
      <td>
        {listener.app ? (
          <span title={listener.app}>{listener.isOwnApp ? 'their own app' : 'the operator’s app'}</span>
        ) : (
          '–'
        )}
      </td>
      <td>
        {warehouse}
        {warehouseBytes !== null && `, ${formatBytes(warehouseBytes)}`}
      </td>
      <td>{formatDate(listener.createdAt, zone)}</td>
      <td>
        <ListenerActions listener={listener} adminsAreSet={adminsAreSet} />
      </td>
    </tr>
  )
}

interface Props {
  response: AdminListenersResponse
  view: View
  adminsAreSet: boolean
}

/** All listeners. */
export function Listeners({ response, view, adminsAreSet }: Props) {
  const { listeners, next } = response
  return (
    <Panel title="Listeners">
      <ScrollTable label="listeners">
        <thead>
          <tr>
            {HEADERS.map((header) => (
              <th key={header} scope="col">
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {listeners.map((listener) => (
            <ListenerRow key={listener.id} listener={listener} adminsAreSet={adminsAreSet} />
          ))}
        </tbody>
      </ScrollTable>
      <PageLinks
        of="listeners"
        first={view.listeners ? adminHref({ ...view, listeners: undefined }) : null}
        next={next && adminHref({ ...view, listeners: next })}
      />
    </Panel>
  )
}
