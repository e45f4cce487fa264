'use client'

import type { ReactNode } from 'react'
import { formatBytes, formatDate } from '#app/_ui/format.ts'
import { useZone } from '#app/_ui/me.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { StateBadge } from '#app/_ui/state-badge.tsx'
import tableClasses from '#app/_ui/table.module.css'
import type { AdminListener, AdminListenersResponse } from '#lib/api/admin.ts'
import { ListenerDeeds } from './listener-deeds.tsx'
import { PageLinks } from './page-links.tsx'
import { addressOf, type View } from './view.ts'

const HEADS = ['Listener', 'Last run', 'Last play', 'Consent', 'Through', 'Warehouse', 'Since', 'Deeds']

function ListenerRow({ listener, adminsAreSet }: { listener: AdminListener; adminsAreSet: boolean }) {
  const zone = useZone()
  const { consent, consentEndsAt, lastPlayAt, lastRunState, warehouse, warehouseBytes } = listener
  const ending: ReactNode = consentEndsAt && (
    <>
      ends <Moment at={consentEndsAt} />
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
      <td>{consent === 'given' ? (ending ?? 'given') : consent}</td>
      <td>
        {listener.app ? (
          <span title={listener.app}>{listener.isOwnApp ? 'an own app' : 'the operator’s app'}</span>
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
        <ListenerDeeds listener={listener} adminsAreSet={adminsAreSet} />
      </td>
    </tr>
  )
}

interface Props {
  answer: AdminListenersResponse
  view: View
  adminsAreSet: boolean
}

/** Everybody who has signed up. */
export function Listeners({ answer, view, adminsAreSet }: Props) {
  const { listeners, next } = answer
  return (
    <Panel title="Listeners">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section className={tableClasses.scroll} tabIndex={0} aria-label="Table: listeners">
        <table className={tableClasses.table}>
          <thead>
            <tr>
              {HEADS.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {listeners.map((listener) => (
              <ListenerRow key={listener.id} listener={listener} adminsAreSet={adminsAreSet} />
            ))}
          </tbody>
        </table>
      </section>
      <PageLinks
        of="listeners"
        first={view.listeners ? addressOf({ ...view, listeners: undefined }) : null}
        next={next && addressOf({ ...view, listeners: next })}
      />
    </Panel>
  )
}
