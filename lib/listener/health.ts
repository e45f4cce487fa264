import { readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import type { HealthAnswer } from '../answers.ts'
import { now, SECOND } from '../clock.ts'
import { settings } from '../config.ts'
import { db } from '../db.ts'
import { messageOf } from '../errors.ts'

type Check = HealthAnswer['checks'][number]

const version = (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version
const DEADLINE_MS = 2 * SECOND
const LOW_DISK_BYTES = 500 * 1024 * 1024

/** How the parts of the instance are; answers within a few seconds whatever hangs. */
export async function health(): Promise<HealthAnswer> {
  const checks = await Promise.all([postgres(), engine(), disk(), runs()])
  const worst = (['down', 'degraded'] as const).find((status) => checks.some((check) => check.status === status))
  return { status: worst ?? 'ok', bootId: settings().TRACKLAKE_BOOT_ID, version, checks }
}

async function postgres(): Promise<Check> {
  try {
    await within(db().$queryRaw`select 1`)
    return { name: 'postgres', status: 'ok', detail: 'answers' }
  } catch (thrown) {
    return { name: 'postgres', status: 'down', detail: `does not answer: ${messageOf(thrown).slice(0, 100)}` }
  }
}

async function engine(): Promise<Check> {
  const { INNGEST_BASE_URL } = settings()
  try {
    const response = await fetch(`${INNGEST_BASE_URL}/health`, { signal: AbortSignal.timeout(DEADLINE_MS) })
    if (!response.ok) throw new Error(`status ${response.status}`)
    return { name: 'background functions', status: 'ok', detail: 'answers' }
  } catch (thrown) {
    return {
      name: 'background functions',
      status: 'degraded',
      detail: `no answer: ${messageOf(thrown)}. Runs wait until it is back.`,
    }
  }
}

async function disk(): Promise<Check> {
  const { bavail, bsize } = await statfs(settings().DATA_DIR)
  const free = bavail * bsize
  const detail = `${Math.round(free / 1024 / 1024)} MB free`
  return { name: 'disk', status: free < LOW_DISK_BYTES ? 'degraded' : 'ok', detail }
}

async function runs(): Promise<Check> {
  const failed = await within(
    db().streamRun.count({
      where: { state: 'failed', endedAt: { gt: new Date(now().getTime() - 24 * 60 * 60 * SECOND) } },
    }),
  ).catch(() => 0)
  return { name: 'stream runs', status: 'ok', detail: `${failed} failed in the last 24 hours` }
}

function within<T>(work: Promise<T>): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('no answer in time')), DEADLINE_MS).unref()
    }),
  ])
}
