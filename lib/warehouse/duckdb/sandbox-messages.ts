/** What the web process and the process of a query say to each other. A row is an array of cells. */

export interface SandboxJob {
  /** The name of the snapshot in the folder where the process runs: DuckDB shows it in some results. */
  file: string
  sql: string
  /** Values by the names of parameters, without $. */
  params: Record<string, string>
  /** From the start of the query until it is interrupted. */
  deadlineMs: number
  /** Of the whole process. */
  memoryBytes: number
  /** The result ends before it is larger than this. */
  rows: number
  bytes: number
  /** Where texts and names are cut off. */
  cellCharacters: number
  nameCharacters: number
}

export interface SandboxColumn {
  name: string
  /** DuckDB's name of the type. */
  type: string
}

export type SandboxMessage =
  | { type: 'ready' }
  | { type: 'columns'; columns: SandboxColumn[] }
  | { type: 'end'; truncated: boolean; ms: number }
  | { type: 'refused'; message: string }
  /** Missing, unknown, or what DuckDB says about its value. */
  | { type: 'parameter'; name: string; problem: 'missing' | 'unknown' | (string & {}) }
  | { type: 'too-slow' | 'too-much-memory' }
  | { type: 'failed'; message: string }
