import type { ZipFile } from 'yauzl'
import type { MemberProblem } from '#lib/api/lists.ts'
import { type Member, membersOf } from './members.ts'
import { type Answers, MAX_PAGES, type ReaderMessage, type SpooledFile } from './messages.ts'
import { readMember, Unreadable } from './read-member.ts'
import { type Match, questionOf, recognize } from './survey.ts'

/** Reads an upload: first what its members are, then questions or their content. */

/** The job of a reading process. */
export interface ReaderJob {
  files: SpooledFile[]
  answers: Answers
  /** Positions of members that were read before. */
  skip: number[]
  /** Milliseconds since 1970. */
  now: number
}

/** Recognized members of an upload. */
const MAX_MEMBERS = 200
/** Of recognized members. */
const MAX_TOTAL_BYTES = 2 * 1024 ** 3
/** Members that are named although they are not read. */
const MAX_LISTED = 500
/** Rejected rows that are named. */
const MAX_REJECTED = 10_000

/** Tests have smaller ones. */
export interface Limits {
  maxTotalBytes?: number
  /** Of each member. */
  maxPages?: number
}

interface Recognized {
  member: Member
  match: Match
}

/** Not the listener's mistake: every export has such files. */
const EXPECTED: readonly MemberProblem[] = ['never-opened', 'unrecognized', 'empty']

function memberMessage(member: Member, outcome: Match | MemberProblem, isKnown = false): ReaderMessage {
  const { position, file, fileIndex, name, place, bytes } = member
  const base = { type: 'member', position, file, fileIndex, name, place, bytes } as const
  if (typeof outcome !== 'string') return { ...base, kind: outcome.kind, state: isKnown ? 'known' : 'reading' }
  return { ...base, kind: null, state: EXPECTED.includes(outcome) ? 'skipped' : 'refused', problem: outcome }
}

/** Recognized members, and what has to be known besides. */
interface Survey {
  found: Recognized[]
  total: number
  unlisted: number
  maxTotalBytes: number
  maxPages: number
}

/** Names every member. What is found is collected in `survey`. */
async function* surveyOf(job: ReaderJob, zips: ZipFile[], survey: Survey): AsyncGenerator<ReaderMessage> {
  const { found } = survey
  let listed = 0
  for await (const member of membersOf(job.files, zips)) {
    const match = await recognize(member)
    if (typeof match !== 'string' && isKnown(member, match, job.files)) {
      if (!job.skip.includes(member.position)) yield memberMessage(member, match, true)
      continue
    }
    const problem = typeof match === 'string' ? match : excessOf(member, survey)
    if (typeof match !== 'string' && problem === null) {
      found.push({ member, match })
      survey.total += member.bytes
      if (!job.skip.includes(member.position)) yield memberMessage(member, match)
    } else if (listed++ < MAX_LISTED) {
      yield memberMessage(member, problem as MemberProblem)
    } else {
      survey.unlisted++
    }
  }
}

/** Whether a member was read before. What its name says counts as content, and only the names of charts say which one it is. */
function isKnown({ fileIndex, file, name, place }: Member, { kind }: Match, files: readonly SpooledFile[]): boolean {
  const known = files[fileIndex]?.known
  if (!known || kind === 'charts') return false
  if ('members' in known) return known.members[place] === name
  return name !== file || files[known.repeats]?.name === files[fileIndex]?.name
}

function excessOf({ bytes }: Member, { found, total, maxTotalBytes }: Survey): MemberProblem | null {
  if (found.length >= MAX_MEMBERS) return 'too-many-files'
  return total + bytes > maxTotalBytes ? 'too-much' : null
}

async function* contentsOf({ found, total, maxPages }: Survey, job: ReaderJob): AsyncGenerator<ReaderMessage> {
  const reportable = { left: MAX_REJECTED }
  let done = 0
  for (const { member, match } of found) {
    if (!job.skip.includes(member.position)) {
      try {
        yield* readMember(member, match, { ...job, reportable, done, total, maxPages })
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error
        yield { ...memberMessage(member, error.problem), kind: match.kind } as ReaderMessage
      }
    }
    done += member.bytes
    yield { type: 'progress', done, total }
  }
}

/** @throws Error if a file of the spool folder cannot be read */
export async function* readFiles(
  job: ReaderJob,
  { maxTotalBytes = MAX_TOTAL_BYTES, maxPages = MAX_PAGES }: Limits = {},
): AsyncGenerator<ReaderMessage> {
  const zips: ZipFile[] = []
  const survey: Survey = { found: [], total: 0, unlisted: 0, maxTotalBytes, maxPages }
  try {
    yield* surveyOf(job, zips, survey)
    for (const { member, match } of survey.found) {
      const question = questionOf(member, match, job.answers)
      if (!question) continue
      yield { type: 'question', question }
      return
    }
    yield* contentsOf(survey, job)
    yield { type: 'done', unlisted: survey.unlisted }
  } finally {
    for (const zip of zips) zip.close()
  }
}
