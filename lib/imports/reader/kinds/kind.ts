import type { ExportKind, ImportRejection } from '#lib/api/lists.ts'
import type { PlaySource } from '#lib/streams/imported-plays.ts'
import type { Answers, ChartOfFile, ReaderPage, RejectedValues } from '../messages.ts'
import type { Fields } from '../values.ts'

/** What the rows of a file depend on besides themselves. */
export interface ReadContext {
  now: number
  /** Of the file, without folders. Says what its rows do not: whether they are videos, and which chart it is. */
  name: string
  position: number
  answers: Answers
}

/** The item of a record, or why it is rejected. */
export type Read<Item> = Item | ImportRejection

/** How the rows of a file are read. `Row` is a record of JSON, or the cells of a line. */
interface Rows<Row, Item> {
  read(row: Row): Read<Item>
  /** What of a rejected row is kept. */
  valuesOf(row: Row): RejectedValues
  pageOf(items: Item[]): ReaderPage
}

export interface JsonKind<Item> {
  kind: PlaySource
  /** Whether a record is of this kind, by its keys. */
  matches(record: Fields): boolean
  /** Whether the time of a record names no zone. Absent where all are in UTC. */
  needsZone?(record: Fields): boolean
  rows(context: ReadContext): Rows<Fields, Item>
}

/** A kind of CSV found in a file. */
export interface CsvMatch<Item> {
  kind: ExportKind
  /** Lines before the first row. */
  headerLines: 0 | 1
  /** Its times name no zone. */
  needsZone: boolean
  /** It is one chart of one day. */
  chart: Partial<ChartOfFile> | null
  rows(context: ReadContext): Rows<string[], Item>
}

/** @param rows the first ones of the file @returns null if it is something else */
export type CsvKind<Item> = (rows: string[][], name: string) => CsvMatch<Item> | null
