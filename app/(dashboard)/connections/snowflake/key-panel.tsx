'use client'

import { Button } from '@mantine/core'
import { useState } from 'react'
import { ActionProblem } from '#app/_ui/action-problem.tsx'
import { ConnectionChecks } from '#app/_ui/connection-checks.tsx'
import { CopyableScript } from '#app/_ui/copyable.tsx'
import { FactList } from '#app/_ui/fact-list.tsx'
import { formatDate } from '#app/_ui/format.ts'
import { useZone } from '#app/_ui/me.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { changeKey } from '#lib/api/client.ts'
import type { SnowflakeCheckResult, SnowflakeKey, SnowflakeResponse } from '#lib/api/warehouse.ts'
import { CHECK_SECONDS } from '#lib/warehouse/snowflake/setup/limits.ts'
import { retireScript, rotateScript } from '#lib/warehouse/snowflake/setup/script.ts'
import classes from './snowflake.module.css'

const SLOT_NAMES = { 1: 'RSA_PUBLIC_KEY', 2: 'RSA_PUBLIC_KEY_2' }

function useKeyAction(onDone?: (result: SnowflakeCheckResult) => void) {
  return useAction(changeKey, { quiet: true, deadlineMs: (CHECK_SECONDS + 15) * 1_000, ...(onDone ? { onDone } : {}) })
}

interface RotationProps {
  user: string
  nextKey: SnowflakeKey
  onUsed: () => void
}

/** Registers the new key next to the old one. It replaces the old key only once it works. */
function Rotation({ user, nextKey, onUsed }: RotationProps) {
  const use = useKeyAction(({ saved }) => saved && onUsed())
  const drop = useKeyAction()
  const failed = use.error ? use : drop
  return (
    <ol className={classes.guide}>
      <li>
        <p>Run this in a worksheet. It registers the new key next to the current one, which keeps working.</p>
        <CopyableScript
          label="Script that registers the new key"
          button="Copy script"
          text={rotateScript({ user, slot: nextKey.slot, publicKey: nextKey.publicKey })}
        />
      </li>
      <li>
        <p>Then let Tracklake sign in with it. If that fails, nothing changes.</p>
        <div className={classes.buttons}>
          <Button loading={use.isPending} disabled={drop.isPending} onClick={() => use.mutate({ deed: 'use' })}>
            Use the new key
          </Button>
          <Button variant="default" loading={drop.isPending} onClick={() => drop.mutate({ deed: 'drop' })}>
            Keep the old key
          </Button>
        </div>
        <ActionProblem action={failed} />
        {use.data && !use.data.saved && <ConnectionChecks checks={use.data.checks} />}
      </li>
    </ol>
  )
}

/** The key in use, and rotation to a new one without a gap. */
export function KeyPanel({ warehouse }: { warehouse: SnowflakeResponse }) {
  const { key, nextKey } = warehouse
  const zone = useZone()
  const [isRotated, setRotated] = useState(false)
  const make = useKeyAction(() => setRotated(false))
  const { user } = warehouse.fields
  return (
    <Panel
      title="Key pair"
      action={
        !nextKey && (
          <Button variant="default" size="xs" loading={make.isPending} onClick={() => make.mutate({ deed: 'make' })}>
            Rotate key
          </Button>
        )
      }
    >
      <div className={classes.stack}>
        <FactList
          facts={[
            ['Created', formatDate(key.madeAt, zone)],
            ['Registered as', SLOT_NAMES[key.slot]],
          ]}
        />
        <p className={classes.dimmed}>
          DESC USER shows its fingerprint: <code>{key.fingerprint}</code>
        </p>
        <ActionProblem action={make} />
        {nextKey ? (
          <Rotation user={user} nextKey={nextKey} onUsed={() => setRotated(true)} />
        ) : (
          <details className={classes.details} open={isRotated}>
            <summary>{isRotated ? 'The new key is in use. Remove the old one' : 'Remove an old key'}</summary>
            <CopyableScript
              label="Script that removes the old key"
              button="Copy script"
              text={retireScript({ user, slot: key.slot === 1 ? 2 : 1 })}
            />
          </details>
        )}
      </div>
    </Panel>
  )
}
