'use client'

import { Button } from '@mantine/core'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { FactList } from '#app/_ui/fact-list.tsx'
import { formatCount, formatDate, inSentences } from '#app/_ui/format.ts'
import { Mark, type MarkLook } from '#app/_ui/mark.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { loadNow } from '#lib/api/client.ts'
import type { SnowflakeState } from '#lib/api/lists.ts'
import type { SnowflakeResponse } from '#lib/api/warehouse.ts'
import { DisconnectButton } from './disconnect-button.tsx'
import classes from './snowflake.module.css'

const LOOKS: Record<SnowflakeState, MarkLook> = {
  ready: 'good',
  loading: 'busy',
  waiting: 'waiting',
  'needs you': 'bad',
}

function StateWords({ warehouse }: { warehouse: SnowflakeResponse }) {
  const { state, problem, remedy, waitingUntil, waitingReads } = warehouse
  if (state === 'loading') return <span>A load is under way.</span>
  if (problem) {
    return (
      <span>
        {inSentences(problem)} <span className={classes.remedy}>{inSentences(remedy)}</span>
        {waitingUntil && (
          <>
            {' '}
            It goes on <Moment at={waitingUntil} />.
          </>
        )}
      </span>
    )
  }
  return waitingReads > 0 ? (
    <span>{formatCount(waitingReads, 'read waits', 'reads wait')} for the next load.</span>
  ) : (
    <span>Everything that was read is loaded.</span>
  )
}

/** Starts a load; the line of its run is there at once. */
function LoadNow({ isLoading }: { isLoading: boolean }) {
  const { mutate, isPending, data } = useAction(loadNow)
  return (
    <>
      {data && (
        <Link href={`/runs/${data.id}`} role="status">
          {isLoading ? 'Loading, see the run' : 'See the run'}
        </Link>
      )}
      <Button size="sm" loading={isPending} disabled={isLoading} onClick={() => mutate()}>
        Load now
      </Button>
    </>
  )
}

/** How the connection does, with the deeds that need no form. */
export function StatePanel({ warehouse }: { warehouse: SnowflakeResponse }) {
  const { state, fields, loads, nextLoadAt, waitingReads } = warehouse
  const lastLoad = loads.find(({ endedAt }) => endedAt !== null)
  const facts: [word: string, fact: ReactNode][] = [
    ['Account', fields.account],
    ['Tables in', `${fields.database}.${fields.schema}`],
    ['Last load', lastLoad?.endedAt ? <Moment key="last" at={lastLoad.endedAt} /> : 'never'],
    ['Next load', nextLoadAt ? <Moment key="next" at={nextLoadAt} /> : 'not planned'],
    ['Waiting', waitingReads > 0 ? formatCount(waitingReads, 'read') : 'nothing'],
    ['Token ends', fields.tokenEndsOn && formatDate(fields.tokenEndsOn, 'UTC')],
  ]
  return (
    <Panel
      title="Your Snowflake"
      action={
        <>
          <LoadNow isLoading={state === 'loading'} />
          <DisconnectButton warehouse={warehouse} />
        </>
      }
    >
      <div className={classes.state}>
        {state && <Mark look={LOOKS[state]} word={state} />}
        <StateWords warehouse={warehouse} />
      </div>
      <FactList facts={facts} />
    </Panel>
  )
}
