import { db, type Run, type RunTrigger } from '#lib/db.ts'

const TRIGGERS: Record<RunTrigger, string> = {
  sign_in: 'at sign-in',
  schedule: 'scheduled',
  manual: 'by "Sync now"',
  rerun: 're-run',
}

/** A run as messages describe it. */
export function formatRun({ id, kind, trigger }: Pick<Run, 'id' | 'kind' | 'trigger'>): string {
  return `${id}, ${kind === 'load' ? 'load' : 'sync'} ${TRIGGERS[trigger]}`
}

/** The listener's last run and its page, for alerts that no single run caused. */
export async function lastRun(
  userId: string,
  stream?: string,
): Promise<{ facts: Record<string, string>; path?: string }> {
  const run = await db().run.findFirst({
    where: { userId, kind: 'extract', ...(stream ? { streamRuns: { some: { stream } } } : {}) },
    orderBy: [{ queuedAt: 'desc' }, { id: 'desc' }],
  })
  return run ? { facts: { 'Last run': formatRun(run) }, path: `/runs/${run.id}` } : { facts: {} }
}
