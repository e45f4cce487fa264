/** A row of a table in docs/faults.md, which `npm run docs` writes: something that goes wrong, and the test of what then happens. */
export interface TestedFault {
  fault: string
  /** What a person or the next stage sees. */
  outcome: string
  file: string
  /** The name of the test in `file`, as written there. */
  test: string
}
