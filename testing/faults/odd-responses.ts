import type { TestedFault } from './tested-fault.ts'

/** Well-formed responses of Spotify and requests that are wrong or that a store cannot take. */
export const ODD_RESPONSES: TestedFault[] = []
