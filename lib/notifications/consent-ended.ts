import { beginTrouble } from './alerts.ts'

const ALERT = { kind: 'consent' } as const

/** Opens the alert for an ended consent. It is notified once, until the listener reconnects. */
export async function tellConsentOver(userId: string, problem: string | null): Promise<void> {
  await beginTrouble(userId, ALERT, {
    problem: problem ?? 'Spotify asks for your consent again',
    remedy: 'Press "Reconnect" on Connections. Everything loaded so far stays.',
    event: 'consent ending',
  })
}
