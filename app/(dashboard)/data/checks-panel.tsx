import { formatCount, inSentences } from '#app/_ui/format.ts'
import { Link } from '#app/_ui/link.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { StatusIcon } from '#app/_ui/status-icon.tsx'
import { addressOf, tableHref } from '#app/_ui/table-catalog.ts'
import type { CheckInfo, ChecksResponse } from '#lib/api/checks.ts'
import type { TableInfo } from '#lib/api/tables.ts'
import classes from './data.module.css'

interface Props {
  checks: ChecksResponse
  tables: TableInfo[]
}

/** Whether the tables are as they should be, and what to do where they aren't. */
export function ChecksPanel({ checks: { checks, checkedAt, wholeAt, builds }, tables }: Props) {
  const wrong = checks.filter(({ state }) => state === 'failed' || state === 'could not run')
  const [last] = builds
  return (
    <Panel
      title="Checks"
      id="checks"
      action={
        checkedAt && (
          <span className={classes.dimmed}>
            checked <Moment at={checkedAt} />
          </span>
        )
      }
    >
      {last?.problem && (
        <p className={classes.notice} role="status">
          <StatusIcon kind="bad" label="The last build failed" />
          <span>
            {inSentences(last.problem)} Charts show the last successful build. Tracklake tries again every few minutes.
          </span>
        </p>
      )}
      <Summary checks={checks} isRun={checkedAt !== null} />
      {wrong.length > 0 && (
        <ul className={classes.checks}>
          {wrong.map((check) => (
            <WrongCheck key={check.name} check={check} tables={tables} />
          ))}
        </ul>
      )}
      {wholeAt && (
        <p className={`${classes.dimmed} ${classes.last}`}>
          Each sync is followed by checks of the days it touched. All rows were last checked <Moment at={wholeAt} />.{' '}
          <a href="#builds">Last builds</a>
        </p>
      )}
    </Panel>
  )
}

function Summary({ checks, isRun }: { checks: CheckInfo[]; isRun: boolean }) {
  const count = (state: CheckInfo['state']) => checks.filter((check) => check.state === state).length
  const failed = count('failed')
  const notRun = count('could not run')
  if (!isRun)
    return (
      <p className={classes.lead}>
        After the first build, {formatCount(checks.length, 'check')} make sure that nothing is missing, duplicated, in
        the future or without its song.
      </p>
    )
  if (failed + notRun === 0)
    return (
      <p className={classes.lead}>
        <StatusIcon kind="good" label={`All ${formatCount(count('passed'), 'check')} passed`} />
      </p>
    )
  return (
    <p className={classes.lead}>
      {failed > 0 && <StatusIcon kind="bad" label={`${formatCount(failed, 'check')} failed`} />}
      {notRun > 0 && <StatusIcon kind="warning" label={`${formatCount(notRun, 'check')} couldn’t run`} />}
      <StatusIcon kind="good" label={`${formatCount(count('passed'), 'check')} passed`} />
    </p>
  )
}

/** A check that did not pass, in plain words. Its technical name is behind a disclosure. */
export function WrongCheck({ check, tables }: { check: CheckInfo; tables: TableInfo[] }) {
  const { name, title, state, problem, remedy, meaning, since } = check
  const about = tables.filter((table) => check.tables.includes(addressOf(table)))
  const isFailed = state === 'failed'
  return (
    <li>
      <div className={classes.checkHead}>
        <StatusIcon
          kind={isFailed ? 'bad' : 'warning'}
          label={isFailed ? (problem ?? title) : 'A check couldn’t run'}
        />
        {since && (
          <span className={classes.dimmed}>
            since <Moment at={since} />
          </span>
        )}
      </div>
      <p>{isFailed ? inSentences(meaning, remedy) : inSentences(problem)}</p>
      <p className={classes.dimmed}>
        Tables:{' '}
        {about.map((table, index) => (
          <span key={addressOf(table)}>
            {index > 0 && ', '}
            <Link href={tableHref(addressOf(table))}>{table.title}</Link>
          </span>
        ))}
      </p>
      <details className={classes.details}>
        <summary>Details</summary>
        <p>
          {title} <code>{name}</code>
        </p>
      </details>
    </li>
  )
}
