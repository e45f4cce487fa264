import { db, type Run, type RunTrigger } from '#lib/db.ts'

const TRIGGERS: Record<RunTrigger, string> = {
  sign_in: 'at the sign-in',
  schedule: 'by its schedule',
  manual: 'by "Run now"',
  rerun: 'run again',
  upload: 'of an upload',
}

/** How a message names a run. */
export function runWords({ id, kind, trigger }: Pick<Run, 'id' | 'kind' | 'trigger'>): string {
  return `${id}, ${kind === 'load' ? 'load' : 'extract'} ${TRIGGERS[trigger]}`
}

/** The listener's last extract, for what no single run is to blame for: its name and its page, if there is one. */
export async function lastRun(
  userId: string,
  stream?: string,
): Promise<{ facts: Record<string, string>; path?: string }> {
  const run = await db().run.findFirst({
    where: { userId, kind: 'extract', ...(stream ? { streamRuns: { some: { stream } } } : {}) },
    orderBy: [{ queuedAt: 'desc' }, { id: 'desc' }],
  })
  return run ? { facts: { 'Last run': runWords(run) }, path: `/runs/${run.id}` } : { facts: {} }
}
