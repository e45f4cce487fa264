'use client'

import { Button } from '@mantine/core'
import { useState } from 'react'
import { Copyable, CopyableScript } from '#app/_ui/copyable.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getTokens } from '#lib/api/client.ts'
import type { ApiTokensResponse, NewApiToken } from '#lib/api/tokens.ts'
import { TokenForm } from './token-form.tsx'
import { exampleCommand } from './token-labels.ts'
import { TokenList } from './token-list.tsx'
import classes from './tokens.module.css'

/** Shows a new token, which can be read only now. */
function NewToken({ token, made, onClose }: NewApiToken & { onClose: () => void }) {
  return (
    <div className={classes.made} role="status">
      <p>
        <strong>Copy the token “{made.name}” now.</strong> It won’t be shown again; only its hash is stored.
      </p>
      <Copyable text={token} />
      <CopyableScript
        label="Example for a terminal"
        button="Copy example"
        text={exampleCommand(token, window.location.origin, made.scopes)}
      />
      <div>
        <Button variant="default" size="xs" onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  )
}

/** API tokens: create, list and revoke. */
export function TokensPanel({ initial }: { initial: ApiTokensResponse }) {
  const { data = initial } = useEndpoint(getTokens, { initial })
  const [isCreating, setCreating] = useState(false)
  const [made, setMade] = useState<NewApiToken | null>(null)
  return (
    <Panel
      title="API tokens"
      id="tokens"
      action={
        !isCreating && (
          <Button variant="default" size="xs" onClick={() => setCreating(true)}>
            New token
          </Button>
        )
      }
    >
      <div className={classes.stack}>
        <p className={classes.dimmed}>
          For scripts that read your charts or start syncs without a browser. A token only sees your data, and it
          expires.
        </p>
        {made && <NewToken {...made} onClose={() => setMade(null)} />}
        {isCreating && (
          <TokenForm
            onClose={() => setCreating(false)}
            onMade={(token) => {
              setMade(token)
              setCreating(false)
            }}
          />
        )}
        {data.tokens.length > 0 ? <TokenList tokens={data.tokens} /> : <p>No tokens yet.</p>}
      </div>
    </Panel>
  )
}
