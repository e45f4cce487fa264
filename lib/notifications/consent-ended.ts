import { openAlert } from './alerts.ts'

const ALERT = { kind: 'consent' } as const

/** Opens the alert for a consent that Spotify refuses. It is notified once, until Spotify accepts the consent again. */
export async function alertConsentEnded(userId: string, problem: string | null): Promise<void> {
  await openAlert(userId, ALERT, {
    problem: problem ?? 'Your connection to Spotify has ended',
    remedy: 'Press "Reconnect" on Connections. Everything loaded so far stays.',
    event: 'consent ending',
  })
}
