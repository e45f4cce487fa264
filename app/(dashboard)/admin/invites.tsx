'use client'

import { Button } from '@mantine/core'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { type MarkLook, StatusIcon } from '#app/_ui/status-icon.tsx'
import { useAnswer, useSend } from '#app/_ui/use-answer.ts'
import type { InviteAnswer, InvitesAnswer } from '#lib/api/answers.ts'
import classes from './admin.module.css'
import { InviteForm } from './invite-form.tsx'
import { PageLinks } from './page-links.tsx'
import { adminHref, MAX_INVITES, queryOf, type View } from './view.ts'

const LOOKS: Record<InviteAnswer['state'], MarkLook> = {
  open: 'good',
  'used up': 'unknown',
  expired: 'unknown',
  revoked: 'bad',
}

const SIGN_UPS: Record<InvitesAnswer['signUps'], string> = {
  open: 'Sign-ups are open: anyone who reaches this app can sign up. An invite also lets them bring their own Spotify app.',
  invite: 'New listeners need an invite.',
  closed: 'Sign-ups are closed by the SIGN_UPS setting, so invites don’t work.',
}

function InviteLine({ invite }: { invite: InviteAnswer }) {
  const { id, note, by, uses, mostUses, endsAt, state } = invite
  const { mutate, isPending } = useSend<unknown>('DELETE', `/api/admin/invites/${id}`)
  return (
    <li className={classes.app}>
      <StatusIcon kind={LOOKS[state]} label={state} />
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
export function Invites({ initial, view }: { initial: InvitesAnswer; view: View }) {
  const query = queryOf({ limit: String(MAX_INVITES), cursor: view.invites })
  const { data = initial } = useAnswer<InvitesAnswer>(`/api/admin/invites?${query}`, { initial })
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
