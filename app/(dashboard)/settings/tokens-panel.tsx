'use client'

import { Button } from '@mantine/core'
import { useState } from 'react'
import { Copyable, CopyableScript } from '#app/_ui/copyable.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getTokens } from '#lib/api/client.ts'
import type { ApiTokensResponse, NewApiToken } from '#lib/api/tokens.ts'
import { TokenForm } from './token-form.tsx'
import { TokenList } from './token-list.tsx'
import { exampleOf } from './token-words.ts'
import classes from './tokens.module.css'

/** The one moment in which a token can be read. */
function NewToken({ token, made, onClose }: NewApiToken & { onClose: () => void }) {
  return (
    <div className={classes.made} role="status">
      <p>
        <strong>Copy the token “{made.name}” now.</strong> It is not shown again: only a hash of it is kept.
      </p>
      <Copyable text={token} />
      <CopyableScript
        label="Example for a terminal"
        word="Copy an example"
        text={exampleOf(token, window.location.origin, made.scopes)}
      />
      <div>
        <Button variant="default" size="xs" onClick={onClose}>
          I have copied it
        </Button>
      </div>
    </div>
  )
}

/** Tokens for scripts: what each may do, when it was used, when it ends, and how to end it now. */
export function TokensPanel({ initial }: { initial: ApiTokensResponse }) {
  const { data = initial } = useEndpoint(getTokens, { initial })
  const [isMaking, setMaking] = useState(false)
  const [made, setMade] = useState<NewApiToken | null>(null)
  return (
    <Panel
      title="API tokens"
      action={
        !isMaking && (
          <Button variant="default" size="xs" onClick={() => setMaking(true)}>
            New token
          </Button>
        )
      }
    >
      <div className={classes.stack}>
        <p className={classes.dimmed}>
          For scripts that read your charts or start runs without a browser. A token sees what is yours, and ends by
          itself.
        </p>
        {made && <NewToken {...made} onClose={() => setMade(null)} />}
        {isMaking && (
          <TokenForm
            onClose={() => setMaking(false)}
            onMade={(answer) => {
              setMade(answer)
              setMaking(false)
            }}
          />
        )}
        {data.tokens.length > 0 ? <TokenList tokens={data.tokens} /> : <p>No token yet.</p>}
      </div>
    </Panel>
  )
}
