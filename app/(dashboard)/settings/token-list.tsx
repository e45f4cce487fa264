'use client'

import { Button } from '@mantine/core'
import { Moment } from '#app/_ui/moment.tsx'
import { StatusIcon } from '#app/_ui/status-icon.tsx'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { revokeToken } from '#lib/api/client.ts'
import type { ApiToken } from '#lib/api/tokens.ts'
import { SCOPE_LABELS } from './token-labels.ts'
import classes from './tokens.module.css'

function Token({ token }: { token: ApiToken }) {
  const { id, name, scopes, lastUsedAt, endsAt, ended } = token
  const { mutate, isPending } = useAction(revokeToken, { params: { id } })
  return (
    <li>
      <div>
        <h3>{name}</h3>
        <p className={classes.dimmed}>{scopes.map((scope) => SCOPE_LABELS[scope].label.toLowerCase()).join(' · ')}</p>
      </div>
      <span className={classes.dimmed}>
        {lastUsedAt ? (
          <>
            used <Moment at={lastUsedAt} />
          </>
        ) : (
          'never used'
        )}
      </span>
      <span className={classes.dimmed}>
        {ended ? (
          <StatusIcon kind="unknown" label="expired" />
        ) : (
          <>
            expires <Moment at={endsAt} />
          </>
        )}
      </span>
      <Button
        variant="default"
        size="xs"
        loading={isPending}
        aria-label={`${ended ? 'Remove' : 'Revoke'} ${name}`}
        onClick={() => mutate()}
      >
        {ended ? 'Remove' : 'Revoke'}
      </Button>
    </li>
  )
}

/** The existing tokens. A revoked one disappears right away. */
export function TokenList({ tokens }: { tokens: ApiToken[] }) {
  return (
    <ul className={classes.tokens}>
      {tokens.map((token) => (
        <Token key={token.id} token={token} />
      ))}
    </ul>
  )
}
