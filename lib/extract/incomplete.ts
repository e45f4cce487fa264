/** Why a list could not be read to its end. What was synced last is kept. */
export interface Incomplete {
  problem: string
  remedy: string
}

/** Thrown while a list is read: the read is given up, and nothing of it is loaded. */
export class ReadGivenUp extends Error {
  readonly outcome: Incomplete

  constructor(outcome: Incomplete) {
    super(outcome.problem)
    this.outcome = outcome
  }
}

const KEPT = 'The last synced data is kept; the next sync tries again.'

export const UNSTABLE: Incomplete = {
  problem: 'The list changed each of the three times it was read',
  remedy: KEPT,
}

export const REPEATS_ITSELF: Incomplete = {
  problem: 'Spotify sent the same page of the list again and again',
  remedy: `${KEPT} If it keeps happening, report it with "Copy for a bug report".`,
}

export const ALL_WITHHELD: Incomplete = {
  problem: 'Spotify sent the list without the content of its items',
  remedy: KEPT,
}

/** @param most items that a list may have */
export function tooLong(most: number): Incomplete {
  return {
    problem: `Spotify’s list has no end within ${most.toLocaleString('en-US')} items`,
    remedy: `${KEPT} If your list really is that long, report it.`,
  }
}
