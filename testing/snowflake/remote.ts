import type { Fault } from './faults.ts'
import type { ResultSet } from './engine/results.ts'
import type { Traffic } from './traffic.ts'

/** A test server that runs in another process. */
export interface RemoteSnowflake {
  url: string
  runScript(sql: string): Promise<ResultSet[]>
  injectFault(fault: Fault): Promise<void>
  clearFaults(): Promise<void>
  traffic(): Promise<Traffic>
  clearTraffic(): Promise<void>
  endSessions(): Promise<void>
  /** The bill is not paid; the resource monitors have used up their credits. */
  setAccount(state: { unpaid?: boolean; exhausted?: boolean }): Promise<void>
}

/** Gives orders to the test server at an address. */
export function remoteSnowflake(url: string): RemoteSnowflake {
  async function order<Done>(command: string, body: unknown = {}): Promise<Done> {
    const response = await fetch(`${url}/admin/${command}`, { method: 'POST', body: JSON.stringify(body) })
    const answer = (await response.json()) as { done: Done; problem?: string }
    if (!response.ok) throw new Error(`The Snowflake for tests refuses ${command}: ${answer.problem}`)
    return answer.done
  }
  return {
    url,
    runScript: (sql) => order('script', { sql }),
    injectFault: (fault) => order('order', fault),
    clearFaults: () => order('clear'),
    traffic: () => order('seen'),
    clearTraffic: () => order('forget'),
    endSessions: () => order('end-sessions'),
    setAccount: (state) => order('account', state),
  }
}
