'use client'

import { Button } from '@mantine/core'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { StatusIcon, type StatusKind } from '#app/_ui/status-icon.tsx'
import { useAction, useEndpoint } from '#app/_ui/use-endpoint.ts'
import type { Invite, InvitesResponse } from '#lib/api/admin.ts'
import { getInvites, revokeInvite } from '#lib/api/client.ts'
import classes from './admin.module.css'
import { InviteForm } from './invite-form.tsx'
import { PageLinks } from './page-links.tsx'
import { adminHref, MAX_INVITES, type View } from './view.ts'

const STATUS_KINDS: Record<Invite['state'], StatusKind> = {
  open: 'good',
  'used up': 'unknown',
  expired: 'unknown',
  revoked: 'bad',
}

const SIGN_UPS: Record<InvitesResponse['signUps'], string> = {
  open: 'Sign-ups are open: anyone who reaches this app can sign up. An invite also lets them bring their own Spotify app.',
  invite: 'New listeners need an invite.',
  closed: 'Sign-ups are closed by the SIGN_UPS setting, so invites don’t work.',
}

function InviteLine({ invite }: { invite: Invite }) {
  const { id, note, by, uses, mostUses, endsAt, state } = invite
  const { mutate, isPending } = useAction(revokeInvite, { params: { id } })
  return (
    <li className={classes.app}>
      <StatusIcon kind={STATUS_KINDS[state]} label={state} />
      <div className={classes.inviteLine}>
        <div>
          <h3>{note ?? 'No note'}</h3>
          <p className={classes.dimmed}>
            {uses} of {mostUses} used · {state === 'expired' ? 'expired' : 'expires'} <Moment at={endsAt} />
            {by && ` · by ${by}`}
          </p>
        </div>
        {state === 'open' && (
          <Button size="compact-xs" variant="default" loading={isPending} onClick={() => mutate()}>
            Revoke
          </Button>
        )}
      </div>
    </li>
  )
}

/** Invite links for new listeners. */
export function Invites({ initial, view }: { initial: InvitesResponse; view: View }) {
  const query = { limit: MAX_INVITES, cursor: view.invites }
  const { data = initial } = useEndpoint(getInvites, { query, initial })
  const { signUps, invites, next } = data
  return (
    <Panel title="Invites">
      <p className={classes.dimmed}>{SIGN_UPS[signUps]}</p>
      {signUps !== 'closed' && <InviteForm />}
      <ul className={classes.list}>
        {invites.map((invite) => (
          <InviteLine key={invite.id} invite={invite} />
        ))}
      </ul>
      <PageLinks
        of="invites"
        first={view.invites ? adminHref({ ...view, invites: undefined }) : null}
        next={next && adminHref({ ...view, invites: next })}
      />
    </Panel>
  )
}
