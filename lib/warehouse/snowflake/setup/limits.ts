/** How long "Test connection" and "Save" may take, including the sign-out. A sleeping warehouse may need most of it. */
export const CHECK_SECONDS = 60

export interface CheckLimits {
  /** For all checks together. */
  totalMs: number
  /** For one check, so that the others still run. */
  eachMs: number
  signInMs: number
  /** The time reserved for dropping the test table. */
  cleanUpMs: number
}

/** Canceling a statement and signing out takes up to 5 s more. */
export const CHECK_LIMITS: CheckLimits = { totalMs: 50_000, eachMs: 25_000, signInMs: 40_000, cleanUpMs: 5_000 }
