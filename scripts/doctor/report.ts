import { setTimeout as sleep } from 'node:timers/promises'
import { SECOND } from '#lib/core/clock.ts'
import { SettingsProblem } from '#lib/core/config.ts'
import { Failure, messageOf } from '#lib/core/errors.ts'

/**
 * `problem`: something doesn't work or is about to fail. `skipped`: it doesn't apply, or another problem prevents it.
 */
export type State = 'ok' | 'warning' | 'problem' | 'skipped'

/** What a check found. */
export interface Finding {
  state: State
  detail: string
  /** What to do about a warning or a problem. */
  remedy?: string
}

export interface Check {
  name: string
  /** @throws Failure, which becomes a problem with its remedy */
  find(): Promise<Finding>
  deadlineMs?: number
}

const DEADLINE_MS = 15 * SECOND

export const ok = (detail: string): Finding => ({ state: 'ok', detail })
export const warning = (detail: string, remedy: string): Finding => ({ state: 'warning', detail, remedy })
export const problem = (detail: string, remedy: string): Finding => ({ state: 'problem', detail, remedy })
export const skipped = (detail: string): Finding => ({ state: 'skipped', detail })

/** Never throws, and ends at the deadline of the check. */
export async function runCheck({ find, deadlineMs = DEADLINE_MS }: Check): Promise<Finding> {
  const stop = new AbortController()
  const late = async () => {
    await sleep(deadlineMs, undefined, { signal: stop.signal })
    return problem(`not finished within ${deadlineMs / SECOND} s`, 'Run it again when the machine is less busy.')
  }
  try {
    return await Promise.race([find(), late()])
  } catch (error) {
    return toFinding(error)
  } finally {
    stop.abort()
  }
}

function toFinding(error: unknown): Finding {
  if (error instanceof Failure) return problem(error.message, error.remedy)
  if (error instanceof SettingsProblem) return problem(error.message.split('\n').join(' '), 'See docs/settings.md.')
  return problem(messageOf(error), 'If this is not clear, report it as a bug.')
}

/**
 * The lines of a finding for the console.
 * @param secrets values that are replaced wherever they appear
 */
export function linesOf(name: string, { state, detail, remedy }: Finding, secrets: string[]): string {
  const line = `${state.padEnd(9)} ${name.padEnd(15)} ${detail}`
  const text = remedy && (state === 'warning' || state === 'problem') ? `${line}\n${' '.repeat(26)}→ ${remedy}` : line
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, '[hidden]'), text)
}
