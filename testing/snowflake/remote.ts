import type { Fault } from './faults.ts'
import type { Answer } from './results.ts'
import type { SeenReport } from './seen.ts'

/** A test server that runs in another process. */
export interface RemoteSnowflake {
  url: string
  runScript(sql: string): Promise<Answer[]>
  order(fault: Fault): Promise<void>
  clearFaults(): Promise<void>
  seen(): Promise<SeenReport>
  forget(): Promise<void>
  endSessions(): Promise<void>
  /** The bill is not paid; the resource monitors have used up their credits. */
  setAccount(state: { unpaid?: boolean; exhausted?: boolean }): Promise<void>
}

/** Gives orders to the test server at an address. */
export function remoteSnowflake(url: string): RemoteSnowflake {
  async function order<Done>(deed: string, body: unknown = {}): Promise<Done> {
    const response = await fetch(`${url}/admin/${deed}`, { method: 'POST', body: JSON.stringify(body) })
    const answer = (await response.json()) as { done: Done; problem?: string }
    if (!response.ok) throw new Error(`The Snowflake for tests refuses ${deed}: ${answer.problem}`)
    return answer.done
  }
  return {
    url,
    runScript: (sql) => order('script', { sql }),
    order: (fault) => order('order', fault),
    clearFaults: () => order('clear'),
    seen: () => order('seen'),
    forget: () => order('forget'),
    endSessions: () => order('end-sessions'),
    setAccount: (state) => order('account', state),
  }
}
