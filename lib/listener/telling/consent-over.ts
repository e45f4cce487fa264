import { beginTrouble } from './tell.ts'

const ALERT = { kind: 'consent' } as const

/** A consent that is over, told once until the listener agrees anew. */
export async function tellConsentOver(userId: string, problem: string | null): Promise<void> {
  await beginTrouble(userId, ALERT, {
    problem: problem ?? 'Spotify asks for your consent again',
    remedy: 'Press "Reconnect" on Connections. Everything loaded so far stays.',
    event: 'consent ending',
  })
}
