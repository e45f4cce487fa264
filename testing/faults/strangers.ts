import type { TestedFault } from './tested-fault.ts'

/** What strangers, other people of the instance and their requests can try. */
export const STRANGERS: TestedFault[] = []
