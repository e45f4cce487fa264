'use client'

import { Button } from '@mantine/core'
import { Mark, type MarkLook } from '#app/_ui/mark.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { useAction, useEndpoint } from '#app/_ui/use-endpoint.ts'
import type { Invite, InvitesResponse } from '#lib/api/admin.ts'
import { getInvites, revokeInvite } from '#lib/api/client.ts'
import classes from './admin.module.css'
import { InviteForm } from './invite-form.tsx'
import { PageLinks } from './page-links.tsx'
import { addressOf, MOST_INVITES, type View } from './view.ts'

const LOOKS: Record<Invite['state'], MarkLook> = {
  open: 'good',
  'used up': 'unknown',
  expired: 'unknown',
  revoked: 'bad',
}

const SIGN_UPS: Record<InvitesResponse['signUps'], string> = {
  open: 'Sign-ups are open: whoever reaches this app may sign up. A link also lets them bring a Spotify app of their own.',
  invite: 'New listeners come by invite only.',
  closed: 'Sign-ups are closed by SIGN_UPS: no link lets anybody in.',
}

function InviteLine({ invite }: { invite: Invite }) {
  const { id, note, by, uses, mostUses, endsAt, state } = invite
  const { mutate, isPending } = useAction(revokeInvite, { params: { id } })
  return (
    <li className={classes.app}>
      <Mark look={LOOKS[state]} word={state} />
      <div className={classes.inviteLine}>
        <div>
          <h3>{note ?? 'Without a note'}</h3>
          <p className={classes.dimmed}>
            {uses} of {mostUses} used · {state === 'expired' ? 'ended' : 'ends'} <Moment at={endsAt} />
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

/** Links that let somebody sign up. */
export function Invites({ initial, view }: { initial: InvitesResponse; view: View }) {
  const query = { limit: MOST_INVITES, cursor: view.invites }
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
        first={view.invites ? addressOf({ ...view, invites: undefined }) : null}
        next={next && addressOf({ ...view, invites: next })}
      />
    </Panel>
  )
}
