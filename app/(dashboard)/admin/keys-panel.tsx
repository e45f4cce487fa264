'use client'

import { Button } from '@mantine/core'
import { formatCount } from '#app/_ui/format.ts'
import { Panel } from '#app/_ui/panel.tsx'
import { ProblemText } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { StatusIcon } from '#app/_ui/status-icon.tsx'
import { useAction, useEndpoint } from '#app/_ui/use-endpoint.ts'
import type { EncryptionKeys } from '#lib/api/admin.ts'
import { getKeys, reseal } from '#lib/api/client.ts'
import classes from './admin.module.css'

type Key = EncryptionKeys['keys'][number]

/** What to do next, in one sentence. */
function advice(older: Key[], failed: number): string {
  if (failed > 0) {
    return `${formatCount(failed, 'secret')} can’t be decrypted, so keep the older key. The log lists them; their owners have to enter them again.`
  }
  if (older.length === 0) return 'One key encrypts all stored tokens and passwords.'
  if (older.some(({ secrets }) => secrets > 0)) {
    return 'You added a newer key. Encrypt everything with it, then remove the older one.'
  }
  const names = older.map(({ key }) => key).join(', ')
  return `Nothing is encrypted with ${names} anymore. Remove it from the key ring and restart, but keep it for older backups.`
}

/** Shows which keys encrypt stored tokens and passwords, and re-encrypts with the newest one. */
export function KeysPanel({ initial }: { initial: EncryptionKeys }) {
  const { data = initial } = useEndpoint(getKeys, { initial })
  const change = useAction(reseal, {
    quiet: true,
    // One call re-encrypts as much as fits into a request.
    onDone: ({ keys: [, ...rest], resealed }) => {
      if (resealed > 0 && rest.some(({ secrets }) => secrets > 0)) change.mutate(undefined)
    },
  })
  const [newest, ...older] = data.keys
  const isOlderUsed = older.some(({ secrets }) => secrets > 0)
  return (
    <Panel
      title="Encryption keys"
      action={
        isOlderUsed && (
          <Button size="xs" loading={change.isPending} onClick={() => change.mutate(undefined)}>
            Encrypt with {newest?.key}
          </Button>
        )
      }
    >
      <p className={classes.dimmed}>{advice(older, change.data?.failed ?? 0)}</p>
      <ul className={classes.list}>
        {data.keys.map(({ key, secrets, isKnown }, index) => (
          <li key={key} className={classes.check}>
            <StatusIcon
              kind={!isKnown ? 'bad' : index === 0 ? 'good' : secrets > 0 ? 'warning' : 'unknown'}
              label={!isKnown ? 'missing' : index === 0 ? 'newest' : secrets > 0 ? 'older' : 'unused'}
            />
            <span>
              {key} <span className={classes.dimmed}>{formatCount(secrets, 'secret')}</span>
            </span>
          </li>
        ))}
      </ul>
      {change.error && <ProblemText problem={asProblem(change.error)} />}
    </Panel>
  )
}
