import type { TestedFault } from './tested-fault.ts'

/** What machines, environments and settings bring along. */
export const MACHINES: TestedFault[] = []
