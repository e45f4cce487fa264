import { randomUUID } from 'node:crypto'
import type { Session } from '#testing/snowflake/account/session.ts'
import type { Outcome } from '#testing/snowflake/engine/statement.ts'
import { SnowflakeFailure } from '#testing/snowflake/sql/failure.ts'

/** A statement from its request to its result, which can be requested several times. */
export interface Query {
  id: string
  requestId: string
  session: Session
  outcome: Promise<Outcome>
  abort: AbortController
  /** Responds "in progress" until then; milliseconds since 1970. */
  slowUntil: number
}

const MAX_KEPT = 200

/** The running and recent statements. */
export class Queries {
  private readonly byId = new Map<string, Query>()

  /** A repeated request does not run its statement again. */
  find(session: Session, requestId: string): Query | undefined {
    return [...this.byId.values()].find((query) => query.session === session && query.requestId === requestId)
  }

  get(id: string): Query | undefined {
    return this.byId.get(id)
  }

  start(session: Session, requestId: string, run: (signal: AbortSignal) => Promise<Outcome>, slowMs: number): Query {
    const abort = new AbortController()
    const outcome = run(abort.signal)
    outcome.catch(() => {})
    const query = { id: randomUUID(), requestId, session, outcome, abort, slowUntil: Date.now() + slowMs }
    this.byId.set(query.id, query)
    const [oldest] = this.byId.keys()
    if (this.byId.size > MAX_KEPT && oldest !== undefined) this.byId.delete(oldest)
    return query
  }

  /** Ends all statements of a session. */
  abortAll(session: Session): void {
    for (const query of this.byId.values()) if (query.session === session) query.abort.abort()
  }
}

/** Fails after the statement's own timeout, as the virtual warehouse does. */
export async function withTimeOut(outcome: Promise<Outcome>, abort: () => void, seconds: number): Promise<Outcome> {
  if (!(seconds > 0)) return outcome
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      abort()
      const message = `Statement reached its statement or warehouse timeout of ${seconds} second(s) and was canceled.`
      reject(new SnowflakeFailure('000630', message, '57014'))
    }, seconds * 1000)
  })
  try {
    return await Promise.race([outcome, late])
  } finally {
    clearTimeout(timer)
  }
}
