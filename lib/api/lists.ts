/** The closed lists of the API, each defined once: schemas, database maps, labels and colors are made from them. */

export const RUN_STATES = [
  'queued',
  'running',
  'waiting',
  'succeeded',
  'nothing new',
  'incomplete',
  'failed',
  'cancelled',
] as const
export type RunState = (typeof RUN_STATES)[number]

/** `load`: into an external warehouse, at its own cadence. */
export const RUN_KINDS = ['extract', 'load'] as const

export const STREAM_RUN_STATES = [...RUN_STATES, 'skipped'] as const
export type StreamRunState = (typeof STREAM_RUN_STATES)[number]

export const TRIGGERS = ['sign-in', 'schedule', 'manual', 're-run'] as const
export type Trigger = (typeof TRIGGERS)[number]

export const PHASES = ['queued', 'extracting', 'loading', 'done'] as const
export type Phase = (typeof PHASES)[number]

/** Of the log lines on a run's page. */
export const LOG_LEVELS = ['info', 'warn'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export const CONSENT_STATES = ['given', 'reconnect', 'disconnected'] as const

/** `growing`: nothing is being read; `not known yet`: the next poll will show; `missing`: plays in between may be lost. */
export const PLAYS_GAP_STATES = ['none', 'growing', 'not known yet', 'missing'] as const

/** What holds requests back at a known daily limit. `reserve`: what is left is reserved for recently played. */
export const QUOTA_HOLDS = ['budget', 'reserve'] as const
export type QuotaHold = (typeof QUOTA_HOLDS)[number]

/** `recommended`: the group's own plan. */
export const SCHEDULE_KINDS = [
  'recommended',
  'every 15 minutes',
  'every 30 minutes',
  'hourly',
  'daily',
  'weekly',
  'off',
] as const
export type ScheduleKind = (typeof SCHEDULE_KINDS)[number]

/** The permissions a token can have. */
export const TOKEN_SCOPES = [
  'read charts',
  'read tables',
  'read runs',
  'start runs',
  'start imports',
  'run saved queries',
] as const
export type TokenScope = (typeof TOKEN_SCOPES)[number]

/** The files in which tables can be downloaded. */
export const FILE_FORMATS = ['csv', 'json', 'parquet'] as const
export type FileFormat = (typeof FILE_FORMATS)[number]

/** `failed check`: to repair what a check found. */
export const BUILD_TRIGGERS = ['plays', 'other changes', 'new day', 'failed check'] as const
export type BuildTrigger = (typeof BUILD_TRIGGERS)[number]

/** Which rows were checked after a build. `range`: single rows of the days that it touched. */
export const CHECK_SCOPES = ['range', 'all'] as const

/**
 * How completely a day is known. `import only`: from a tracker that may have missed plays. `not synced yet`: after the last
 * sync.
 */
export const COVERAGE_STATES = [
  'covered',
  'likely hole',
  'import only',
  'nothing heard',
  'before the first data',
  'not synced yet',
] as const
export type CoverageState = (typeof COVERAGE_STATES)[number]

/** `missed plays`: more than 50 were played between two syncs. `not synced`: no source covers the time. */
export const HOLE_CAUSES = ['missed plays', 'not synced', 'import only'] as const
export type HoleCause = (typeof HOLE_CAUSES)[number]

/** What a listener can request from Spotify to fill a hole. */
export const SPOTIFY_EXPORTS = ['spotify-account', 'spotify-extended'] as const
export type SpotifyExport = (typeof SPOTIFY_EXPORTS)[number]

/** What a listener may be notified of. */
export const NOTIFICATION_EVENTS = [
  'succeeded',
  'failed',
  'check failed',
  'incomplete',
  'recovered',
  'consent ending',
  'weekly summary',
] as const
export type NotificationEvent = (typeof NOTIFICATION_EVENTS)[number]

/** How Tracklake signs in to a listener's Snowflake. */
export const SNOWFLAKE_METHODS = ['key pair', 'pasted key', 'token', 'password'] as const
export type SnowflakeMethod = (typeof SNOWFLAKE_METHODS)[number]

/** `needs you`: loads wait until the listener acts. */
/** `none`: never built. `waiting`: built again by the next load. */
export const MODELS_STATES = ['none', 'built', 'waiting', 'failed'] as const

export const SNOWFLAKE_STATES = ['ready', 'loading', 'waiting', 'needs you'] as const
export type SnowflakeState = (typeof SNOWFLAKE_STATES)[number]

/** Of any destination. The embedded copy is `failed` where Snowflake `needs you`. */
export const WAREHOUSE_STATES = [...SNOWFLAKE_STATES, 'failed'] as const
export type WarehouseState = (typeof WAREHOUSE_STATES)[number]

/** `advice`: works, but could be better; `not reached`: an earlier check failed. */
export const CHECK_STATES = ['ok', 'failed', 'advice', 'unconfirmed', 'not reached'] as const

/**
 * `own method`: loaded with a different method than the embedded copy, so not compared; `loaded`: there is no copy to compare
 * with.
 */
export const TABLE_STATES = ['in step', 'loaded', 'behind', 'differs', 'own method', 'not loaded'] as const

/** How a stream's rows are combined with what is already in the table. */
export const LOAD_METHODS = ['overwrite', 'append', 'upsert'] as const
export type LoadMethod = (typeof LOAD_METHODS)[number]

/** `make` creates the next key, `use` checks it and switches to it, `drop` deletes it. */
export const KEY_ACTIONS = ['make', 'use', 'drop'] as const
export type KeyAction = (typeof KEY_ACTIONS)[number]

export const INVITE_STATES = ['open', 'used up', 'expired', 'revoked'] as const

export const HEALTH_STATES = ['ok', 'degraded', 'down'] as const

/** Why a sign-in can fail; each is explained at /sign-in?problem=…. */
export const SIGN_IN_PROBLEMS = [
  'refused',
  'not-registered',
  'premium-lapsed',
  'wrong-secret',
  'expired-state',
  'sign-ups-closed',
  'invite-needed',
  'invite-over',
  'not-your-app',
  'unknown-app',
  'suspended',
  'being-deleted',
  'other-account',
  'spotify-unavailable',
  'too-many-sign-ins',
  'unknown',
] as const
export type SignInProblem = (typeof SIGN_IN_PROBLEMS)[number]

/** `needs-answer`: continues once the listener has answered its question. `loading`: also while it is being undone. */
export const IMPORT_STATES = [
  'queued',
  'reading',
  'needs-answer',
  'loading',
  'done',
  'failed',
  'cancelled',
  'undone',
] as const
export type ImportState = (typeof IMPORT_STATES)[number]

/** What happened to a file of an import, or to a member of an uploaded zip. */
export const IMPORT_MEMBER_STATES = ['pending', 'read', 'skipped', 'refused'] as const
export type ImportMemberState = (typeof IMPORT_MEMBER_STATES)[number]

/** What can be imported. The first five hold plays; where two name the same play, the earlier one is kept. */
export const EXPORT_KINDS = [
  'spotify-extended',
  'spotify-account',
  'recently-played',
  'listenbrainz',
  'lastfm',
  'charts',
  'audio-features',
] as const
export type ExportKind = (typeof EXPORT_KINDS)[number]

/** Why a file, or a member of a zip, was not imported. The labels are in lib/api/import-labels.ts. */
export const MEMBER_PROBLEMS = [
  'not-a-zip',
  'truncated-zip',
  'damaged-zip',
  'other-archive',
  'empty-zip',
  'too-many-members',
  'never-opened',
  'unrecognized',
  'empty',
  'unsafe-name',
  'encrypted',
  'nested-zip',
  'unknown-compression',
  'too-large',
  'too-much',
  'too-many-files',
  'too-many-rows',
  'damaged',
  'cut-off',
  'unknown-encoding',
] as const
export type MemberProblem = (typeof MEMBER_PROBLEMS)[number]

/** Why a row of a file was not imported. */
export const IMPORT_REJECTIONS = [
  'not a record',
  'no time',
  'time not readable',
  'before 2006',
  'in the future',
  'no length',
  'negative length',
  'longer than a day',
  'no name',
  'no rank',
  'no track',
] as const
export type ImportRejection = (typeof IMPORT_REJECTIONS)[number]

/** How a query that a listener typed ended. `refused`: DuckDB or Tracklake doesn't accept it. */
export const SQL_OUTCOMES = ['done', 'refused', 'too-slow', 'too-much-memory', 'cancelled', 'failed'] as const
export type SqlOutcome = (typeof SQL_OUTCOMES)[number]

/** Of the publication of a listener's tables as files. */
export const LAKE_STATES = ['off', 'idle', 'queued', 'publishing', 'failed'] as const
export type LakeState = (typeof LAKE_STATES)[number]

/** How Tracklake signs in to a listener's bucket. `instance role`: as the server does, for admins. */
export const LAKE_CREDENTIALS = ['access key', 'instance role'] as const
export type LakeCredentials = (typeof LAKE_CREDENTIALS)[number]
