'use client'

import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { CheckList } from '#app/_ui/check-list.tsx'
import { FactList } from '#app/_ui/fact-list.tsx'
import { formatCount, formatDate, inSentences } from '#app/_ui/format.ts'
import { Link } from '#app/_ui/link.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { StatusIcon, type StatusKind } from '#app/_ui/status-icon.tsx'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { loadNow } from '#lib/api/client.ts'
import type { SnowflakeState } from '#lib/api/lists.ts'
import type { SnowflakeResponse } from '#lib/api/warehouse.ts'
import { DisconnectButton } from './disconnect-button.tsx'
import classes from './snowflake.module.css'

const STATUS_KINDS: Record<SnowflakeState, StatusKind> = {
  ready: 'good',
  loading: 'busy',
  waiting: 'waiting',
  'needs you': 'bad',
}

const STATE_LABELS: Record<SnowflakeState, string> = {
  ready: 'ready',
  loading: 'loading',
  waiting: 'waiting',
  'needs you': 'needs attention',
}

function StateText({ warehouse }: { warehouse: SnowflakeResponse }) {
  const { state, problem, remedy, waitingUntil, waitingReads } = warehouse
  if (state === 'loading') return <span>Loading now.</span>
  if (problem) {
    return (
      <span>
        {inSentences(problem)} <span className={classes.remedy}>{inSentences(remedy)}</span>
        {waitingUntil && (
          <>
            {' '}
            It resumes <Moment at={waitingUntil} />.
          </>
        )}
      </span>
    )
  }
  return waitingReads > 0 ? (
    <span>{formatCount(waitingReads, 'update waits', 'updates wait')} for the next load.</span>
  ) : (
    <span>Everything is loaded.</span>
  )
}

/** Starts a load and links to its run. */
function LoadNow({ isLoading }: { isLoading: boolean }) {
  const { mutate, isPending, data } = useAction(loadNow)
  return (
    <>
      {data && (
        <Link href={`/runs/${data.id}`} role="status">
          {isLoading ? 'Loading, view progress' : 'View the load'}
        </Link>
      )}
      <Button size="sm" loading={isPending} disabled={isLoading} onClick={() => mutate()}>
        Load now
      </Button>
    </>
  )
}

const formatDay = (day: string) => formatDate(day, 'UTC')

/** When models were built, or what happens next. */
function formatModels({ state, builtOn }: SnowflakeResponse['models']): string {
  const last = builtOn ? `last built ${formatDay(builtOn)}` : 'not built yet'
  if (state === 'built' && builtOn) return `built ${formatDay(builtOn)}`
  return state === 'waiting' ? `${last}, built again by the next load` : last
}

/** Status of the connection, with the actions that need no form. */
export function StatePanel({ warehouse }: { warehouse: SnowflakeResponse }) {
  const { state, fields, loads, nextLoadAt, waitingReads, models } = warehouse
  const lastLoad = loads.find(({ endedAt }) => endedAt !== null)
  const facts: [label: string, fact: ReactNode][] = [
    ['Account', fields.account],
    ['Tables in', `${fields.database}.${fields.schema}`],
    ['Last load', lastLoad?.endedAt ? <Moment key="last" at={lastLoad.endedAt} /> : 'never'],
    ['Next load', nextLoadAt ? <Moment key="next" at={nextLoadAt} /> : 'not scheduled'],
    ['Models', formatModels(models)],
    ['Waiting to load', waitingReads > 0 ? formatCount(waitingReads, 'update') : 'nothing'],
    ['Token expires', fields.tokenEndsOn && formatDate(fields.tokenEndsOn, 'UTC')],
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
        {state && <StatusIcon kind={STATUS_KINDS[state]} label={STATE_LABELS[state]} />}
        <StateText warehouse={warehouse} />
      </div>
      <FactList facts={facts} />
      {models.problem && (
        <CheckList checks={[{ name: 'models', kind: 'warning', message: models.problem, remedy: models.remedy }]} />
      )}
    </Panel>
  )
}
