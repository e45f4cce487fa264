import type { TestedFault } from './tested-fault.ts'

/** What machines, environments and settings bring along. */
export const MACHINES: TestedFault[] = [
  {
    fault: 'Postgres is too slow, or the landing folder not mounted, when the web process starts',
    outcome: 'Landed pages are tidied by the next planning tick that can.',
    file: 'inngest/functions/sweep-landing.integration.test.ts',
    test: 'landed pages that a start could not sweep are swept by the next planning tick that can',
  },
]
