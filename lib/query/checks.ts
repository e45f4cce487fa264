import type { BuildInfo, CheckInfo, ChecksResponse } from '#lib/api/checks.ts'
import { BUILD_TRIGGERS, CHECK_SCOPES } from '#lib/api/lists.ts'
import { toIso } from '#lib/core/clock.ts'
import { db, type ModelBuild, type ModelCheck } from '#lib/db.ts'
import { describedChecks } from '#lib/models/checks.ts'
import { CHECK_STATES, FULL_REASONS } from '#lib/models/outcomes.ts'
import { requireEmbeddedCopies } from './tables.ts'
import { writtenBy } from './written.ts'

const ORDER: Record<CheckInfo['state'], number> = { failed: 0, 'could not run': 1, 'not run yet': 2, passed: 3 }

/** @throws Refused 409 where no embedded copy is kept */
export async function listChecks(userId: string, { builds }: { builds: number }): Promise<ChecksResponse> {
  requireEmbeddedCopies()
  const [known, last] = await Promise.all([
    db().modelCheck.findMany({ where: { userId } }),
    db().modelBuild.findMany({ where: { userId }, orderBy: { startedAt: 'desc' }, take: builds }),
  ])
  const found = new Map(known.map((check) => [check.name, check]))
  const newest = (times: (Date | null)[]) =>
    toIso(times.filter((time) => time !== null).reduce((one, other) => (other > one ? other : one), new Date(0)))
  return {
    checkedAt: known.length === 0 ? null : newest(known.map(({ checkedAt }) => checkedAt)),
    wholeAt: known.some(({ wholeAt }) => wholeAt) ? newest(known.map(({ wholeAt }) => wholeAt)) : null,
    checks: describedChecks()
      .map((check) => checkResponse(check, found.get(check.name)))
      .toSorted((one, other) => ORDER[one.state] - ORDER[other.state]),
    builds: last.map(buildResponse),
  }
}

function checkResponse(check: ReturnType<typeof describedChecks>[number], found: ModelCheck | undefined): CheckInfo {
  const state = CHECK_STATES.find((known) => known === found?.state) ?? 'not run yet'
  const failing = found?.failing ?? null
  return {
    name: check.name,
    title: check.title,
    tables: check.tables,
    state,
    failing,
    problem: state === 'failed' ? check.failed(failing ?? 0) : (found?.problem ?? null),
    remedy: state === 'failed' ? check.remedy : null,
    meaning: check.meaning,
    since: toIso(found?.since),
    checkedAt: toIso(found?.checkedAt),
  }
}

function buildResponse(build: ModelBuild): BuildInfo {
  const models = writtenBy(build)
  return {
    id: build.id,
    trigger: BUILD_TRIGGERS.find((known) => known === build.trigger) ?? 'other changes',
    full: FULL_REASONS.find((known) => known === build.full) ?? null,
    startedAt: build.startedAt.toISOString(),
    endedAt: build.endedAt.toISOString(),
    problem: build.problem,
    attempts: build.attempts,
    rows: models.reduce((sum, { rows }) => sum + rows, 0),
    models,
    checked: CHECK_SCOPES.find((known) => known === build.checked) ?? null,
    passed: build.checksPassed,
    failed: build.checksFailed,
    notRun: build.checksNotRun,
  }
}
