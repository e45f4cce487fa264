/** Why a list could not be read to the end. The last synced data is kept. */
export interface Incomplete {
  problem: string
  remedy: string
}

/** Thrown to give up the read of a list. Nothing from it is loaded. */
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
  problem: 'Spotify sent the list without the details of its items',
  remedy: KEPT,
}

/** @param most items that a list may have */
export function tooLong(most: number): Incomplete {
  return {
    problem: `Spotify’s list doesn’t end after ${most.toLocaleString('en-US')} items`,
    remedy: `${KEPT} If your list really is that long, report it.`,
  }
}
