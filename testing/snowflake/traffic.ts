import type { Session } from './account/session.ts'
import type { StatementBody } from './engine/statement.ts'
import type { SnowflakeFailure } from './sql/failure.ts'

/** A statement as it arrived. */
export interface ReceivedStatement {
  text: string
  /** Characters of each bound value, in order. */
  bindSizes: number[]
  tag: string
  parameters: Record<string, string | number | boolean>
  user: string
  role: string
  session: number
  /** Whether the virtual warehouse had to run for it. */
  usedWarehouse: boolean
}

const MAX_KEPT = 20_000

/** Records what the server received, for tests that count. */
export class TrafficLog {
  private all: ReceivedStatement[] = []
  private counts = new Map<string, number>()
  private refused: { code: string; message: string }[] = []
  private signedIn: number[] = []
  private signedOut: number[] = []

  /** @returns the record of the statement */
  statement({ user, role, id, parameters }: Session, body: StatementBody): ReceivedStatement {
    this.request('statement', user)
    const values = Object.values(body.bindings)
    const received = {
      text: body.sqlText,
      bindSizes: values.map(({ value }) => value?.length ?? 0),
      tag: String(body.parameters.QUERY_TAG ?? parameters.get('QUERY_TAG') ?? ''),
      parameters: body.parameters,
      user,
      role,
      session: id,
      usedWarehouse: false,
    }
    this.all.push(received)
    if (this.all.length > MAX_KEPT) this.all.shift()
    return received
  }

  request(kind: string, _user: string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
  }

  failure({ code, message }: SnowflakeFailure): void {
    this.refused.push({ code, message })
    if (this.refused.length > MAX_KEPT) this.refused.shift()
  }

  session({ id }: Session): void {
    this.signedIn.push(id)
  }

  ended({ id }: Session): void {
    this.signedOut.push(id)
  }

  report(): Traffic {
    return {
      statements: [...this.all],
      requests: Object.fromEntries(this.counts),
      failures: [...this.refused],
      sessions: { opened: this.signedIn.length, closed: this.signedOut.length },
    }
  }

  clear(): void {
    this.all = []
    this.counts = new Map()
    this.refused = []
    this.signedIn = []
    this.signedOut = []
  }
}

export interface Traffic {
  statements: ReceivedStatement[]
  /** The number of requests of each kind: sign-in, statement, poll, renewal, abort, sign-out. */
  requests: Record<string, number>
  /** The errors of failed statements and sign-ins. */
  failures: { code: string; message: string }[]
  sessions: { opened: number; closed: number }
}
