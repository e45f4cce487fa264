import type { ResultSet } from './engine/results.ts'
import type { Fault } from './faults.ts'
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
  /** `unpaid`: the bill is not paid. `exhausted`: the resource monitors have no credits left. */
  setAccount(state: { unpaid?: boolean; exhausted?: boolean }): Promise<void>
}

/** Sends commands to the test server at an address. */
export function remoteSnowflake(url: string): RemoteSnowflake {
  async function send<Done>(command: string, body: unknown = {}): Promise<Done> {
    const response = await fetch(`${url}/admin/${command}`, { method: 'POST', body: JSON.stringify(body) })
    const result = (await response.json()) as { done: Done; problem?: string }
    if (!response.ok) throw new Error(`The Snowflake test server refuses ${command}: ${result.problem}`)
    return result.done
  }
  return {
    url,
    runScript: (sql) => send('script', { sql }),
    injectFault: (fault) => send('inject-fault', fault),
    clearFaults: () => send('clear-faults'),
    traffic: () => send('traffic'),
    clearTraffic: () => send('clear-traffic'),
    endSessions: () => send('end-sessions'),
    setAccount: (state) => send('account', state),
  }
}
