import type { ImportState } from '#lib/api/lists.ts'
import type { Prisma, ImportState as StoredState } from '#lib/db.ts'

/** The states in which an import continues by itself or waits for an answer. A listener has at most one such import. */
export const OPEN = ['queued', 'reading', 'needs_answer', 'loading'] as const satisfies StoredState[]

/** The states in which a job continues an import. */
export const CONTINUED = ['queued', 'reading', 'loading'] as const satisfies StoredState[]

export const isOpen = (state: StoredState): boolean => (OPEN as readonly StoredState[]).includes(state)

/** The name of a state in the API. */
export const STATE_NAMES: Record<StoredState, ImportState> = {
  queued: 'queued',
  reading: 'reading',
  needs_answer: 'needs-answer',
  loading: 'loading',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
  undone: 'undone',
}

/** What an import has when it starts to wait for its next step. */
export const UNHELD = { heldBy: null, heldUntil: null } satisfies Prisma.ImportUpdateManyMutationInput
