import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { type Entry, getFileNameLowLevel, openPromise, validateFileName, type ZipFile } from 'yauzl'
import type { MemberProblem } from '#lib/api/lists.ts'
import { toStorable } from '#lib/core/storable.ts'
import type { SpooledFile } from './messages.ts'

/** The files of an upload and the members of its zips. Names only say what is never opened; they are never used as paths. */

export interface Member {
  position: number
  /** The uploaded file, and its number. */
  file: string
  fileIndex: number
  /** The member of that zip, or the file itself, and its place in it. */
  name: string
  place: number
  /** Uncompressed. For members of a zip, what its directory says. */
  bytes: number
  /** It is not opened because of this. */
  problem: MemberProblem | null
  /** Of the content, as the directory of its zip says. */
  checksum: number | null
  /** A stream may fail; of a zip, it never has more bytes than `bytes` says. */
  open(): Promise<Readable>
}

/** More than any export has; the directory alone would fill the memory. */
const MAX_ENTRIES = 20_000

/** 64 MB. Spotify's files have at most 13 MB. */
const MAX_MEMBER_BYTES = 64 * 1024 * 1024

const MAX_NAME = 300

/** A name that every store can hold. */
const shownName = (name: string) => toStorable(name.slice(0, MAX_NAME))

/** Files of exports that are about the person, or no data. They stay closed. */
const PERSONAL =
  /^(?:user(?:data|prompts?)?|profile|identity|identifiers?|payments?|follow|inferences|searchqueries|yourlibrary|playlist\d*|yoursoundcapsule|duonewfamily|family\w*|marquee|message\w*|voice\w*|podcastinteractivity\w*|accountactivity\w*|(?:communication|notification)\w*|technical\w*)\.json$/i
const NO_DATA = /\.(?:pdf|png|jpe?g|gif|webp|svg|html?|mp3|m4a|mp4|mov|wav|docx?|xlsx?|exe)$/i
const ARCHIVE = /\.(?:zip|gz|tgz|7z|rar|tar|bz2|xz)$/i

/** What macOS adds to zips. */
const CLUTTER = /(?:^|\/)(?:__MACOSX\/|\._|\.DS_Store$)/

export const baseName = (name: string) => basename(name.replaceAll('\\', '/'))

const nothing = () => Promise.reject(new Error('this member is never opened'))

/** Whether a file is never opened. */
const isPersonal = (name: string) => PERSONAL.test(baseName(name)) || NO_DATA.test(name)

async function startOf(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

const STARTS = {
  zip: ['504b0304', '504b0506', '504b0708'],
  archive: ['1f8b', '377abcaf271c', '526172211a07', '425a68', 'fd377a585a00'],
}

export function startsAs(kind: keyof typeof STARTS, start: Buffer): boolean {
  return STARTS[kind].some((hex) => start.toString('hex').startsWith(hex))
}

/** Numbers the members. */
class Numbering {
  #position = 0
  #fileIndex = -1
  #place = 0

  nextFile(): void {
    this.#fileIndex++
    this.#place = 0
  }

  next(): Pick<Member, 'position' | 'fileIndex' | 'place'> {
    return { position: this.#position++, fileIndex: this.#fileIndex, place: this.#place++ }
  }
}

/**
 * All files and members, in the order of the files and of their directories.
 * @param opened gets the zips, which the caller closes after it has read their members
 */
export async function* membersOf(files: readonly SpooledFile[], opened: ZipFile[]): AsyncGenerator<Member> {
  const numbering = new Numbering()
  for (const file of files) {
    numbering.nextFile()
    yield* membersOfFile(file, numbering, opened)
  }
}

async function* membersOfFile(file: SpooledFile, numbering: Numbering, opened: ZipFile[]): AsyncGenerator<Member> {
  const { size } = await stat(file.path)
  const name = shownName(file.name)
  const member = (problem: MemberProblem | null): Member => ({
    ...numbering.next(),
    file: name,
    name,
    bytes: size,
    checksum: null,
    problem,
    open: problem ? nothing : async () => createReadStream(file.path),
  })
  const start = await startOf(file.path)
  if (startsAs('zip', start)) yield* membersOfZip(file.path, name, member, numbering, opened)
  else if (startsAs('archive', start)) yield member('other-archive')
  else if (ARCHIVE.test(name)) yield member('not-a-zip')
  else if (isPersonal(name)) yield member('never-opened')
  else yield member(size > MAX_MEMBER_BYTES ? 'too-large' : null)
}

async function* membersOfZip(
  path: string,
  file: string,
  refused: (problem: MemberProblem) => Member,
  numbering: Numbering,
  opened: ZipFile[],
): AsyncGenerator<Member> {
  let zip: ZipFile
  try {
    // Names are checked below: yauzl would give up the whole zip because of one.
    zip = await openPromise(path, { autoClose: false, decodeStrings: false })
  } catch {
    // Its directory is at the end.
    yield refused('truncated-zip')
    return
  }
  opened.push(zip)
  if (zip.entryCount > MAX_ENTRIES) yield refused('too-many-members')
  else if (zip.entryCount === 0) yield refused('empty-zip')
  else yield* entriesOf(zip, file, refused, numbering)
}

async function* entriesOf(
  zip: ZipFile,
  file: string,
  refused: (problem: MemberProblem) => Member,
  numbering: Numbering,
): AsyncGenerator<Member> {
  try {
    for await (const entry of zip.eachEntry()) {
      const name = nameOf(entry)
      if (name.endsWith('/') || CLUTTER.test(name)) continue
      const problem = problemOf(entry, name)
      yield {
        ...numbering.next(),
        file,
        name: shownName(name),
        bytes: entry.uncompressedSize,
        checksum: entry.crc32,
        problem,
        open: problem ? nothing : () => zip.openReadStreamPromise(entry),
      }
    }
  } catch {
    yield refused('damaged-zip')
  }
}

function nameOf({ generalPurposeBitFlag, fileNameRaw, extraFields }: Entry): string {
  return getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false)
}

function problemOf(entry: Entry, name: string): MemberProblem | null {
  if (validateFileName(name) !== null) return 'unsafe-name'
  if (isPersonal(name)) return 'never-opened'
  if (ARCHIVE.test(name)) return 'nested-zip'
  if (entry.isEncrypted()) return 'encrypted'
  if (!entry.canDecodeFileData()) return 'unknown-compression'
  return entry.uncompressedSize > MAX_MEMBER_BYTES ? 'too-large' : null
}
