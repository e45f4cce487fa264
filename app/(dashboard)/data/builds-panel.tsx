import { formatCount, formatDuration, formatNumber, inSentences } from '#app/_ui/format.ts'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { ScrollTable } from '#app/_ui/scroll-table.tsx'
import { StatusIcon } from '#app/_ui/status-icon.tsx'
import type { BuildInfo } from '#lib/api/checks.ts'
import classes from './data.module.css'

const TRIGGERS: Record<BuildInfo['trigger'], string> = {
  plays: 'plays arrived or changed',
  'other changes': 'lists or settings changed',
  'new day': 'a new day began',
  'failed check': 'a check had failed',
}

const REASONS: Record<NonNullable<BuildInfo['full']>, string> = {
  'first build': 'first build',
  requested: 'everything once more',
  'inputs changed': 'everything, for new settings or imports',
  'rows missing': 'everything, to find missing plays',
}

/** How the staging, analytical and reporting tables were last made. */
export function BuildsPanel({ builds }: { builds: BuildInfo[] }) {
  return (
    <Panel title="Last builds" id="builds">
      {builds.length === 0 ? (
        <p className={classes.empty}>
          Nothing has been built yet. After the first sync, the tables that charts read are built from the raw ones.
        </p>
      ) : (
        <ScrollTable label="last builds">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Why</th>
              <th scope="col">Scope</th>
              <th scope="col" data-numeric>
                Rows written
              </th>
              <th scope="col" data-numeric>
                Time
              </th>
              <th scope="col">Checks</th>
            </tr>
          </thead>
          <tbody>
            {builds.map((build) => (
              <BuildLine key={build.id} build={build} />
            ))}
          </tbody>
        </ScrollTable>
      )}
    </Panel>
  )
}

function BuildLine({ build }: { build: BuildInfo }) {
  const { startedAt, endedAt, trigger, full, problem, attempts, rows } = build
  return (
    <tr>
      <th scope="row">
        <Moment at={startedAt} />
      </th>
      <td>{TRIGGERS[trigger]}</td>
      <td>{full ? REASONS[full] : problem === null ? 'what arrived' : '–'}</td>
      <td data-numeric>{problem === null ? formatNumber(rows) : '–'}</td>
      <td data-numeric>{problem === null ? formatDuration(Date.parse(endedAt) - Date.parse(startedAt)) : '–'}</td>
      <td>
        {problem === null ? (
          <Checked build={build} />
        ) : (
          <>
            <StatusIcon kind="bad" label={attempts > 1 ? `failed ${attempts} times` : 'failed'} />
            <p className={classes.dimmed}>{inSentences(problem)}</p>
          </>
        )}
      </td>
    </tr>
  )
}

function Checked({ build: { checked, passed, failed, notRun } }: { build: BuildInfo }) {
  if (checked === null) return <StatusIcon kind="unknown" label="not checked" />
  if (failed > 0)
    return (
      <StatusIcon
        kind="bad"
        label={`${formatNumber(failed)} of ${formatCount(passed + failed + notRun, 'check')} failed`}
      />
    )
  if (notRun > 0) return <StatusIcon kind="warning" label={`${formatNumber(notRun)} couldn’t run`} />
  return <StatusIcon kind="good" label={`${formatNumber(passed)} passed`} />
}
