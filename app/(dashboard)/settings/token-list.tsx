'use client'

import { Button } from '@mantine/core'
import { Mark } from '#app/_ui/mark.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { revokeToken } from '#lib/api/client.ts'
import type { ApiToken } from '#lib/api/tokens.ts'
import { SCOPE_WORDS } from './token-words.ts'
import classes from './tokens.module.css'

function Token({ token }: { token: ApiToken }) {
  const { id, name, scopes, lastUsedAt, endsAt, ended } = token
  const { mutate, isPending } = useAction(revokeToken, { params: { id } })
  return (
    <li>
      <div>
        <h3>{name}</h3>
        <p className={classes.dimmed}>{scopes.map((scope) => SCOPE_WORDS[scope].word.toLowerCase()).join(' · ')}</p>
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
          <Mark look="unknown" word="ended" />
        ) : (
          <>
            ends <Moment at={endsAt} />
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

/** The tokens there are; a revoked one is gone at once. */
export function TokenList({ tokens }: { tokens: ApiToken[] }) {
  return (
    <ul className={classes.tokens}>
      {tokens.map((token) => (
        <Token key={token.id} token={token} />
      ))}
    </ul>
  )
}
