-- CreateEnum
CREATE TYPE "Consent" AS ENUM ('given', 'reconnect', 'disconnected');

-- CreateEnum
CREATE TYPE "WarehouseKind" AS ENUM ('duckdb', 'snowflake');

-- CreateEnum
CREATE TYPE "RunKind" AS ENUM ('extract', 'load');

-- CreateEnum
CREATE TYPE "RunTrigger" AS ENUM ('sign_in', 'schedule', 'manual', 'rerun', 'upload');

-- CreateEnum
CREATE TYPE "RunState" AS ENUM ('queued', 'running', 'waiting', 'succeeded', 'nothing_new', 'incomplete', 'failed', 'cancelled', 'skipped');

-- CreateEnum
CREATE TYPE "ReadState" AS ENUM ('open', 'complete', 'abandoned');

-- CreateEnum
CREATE TYPE "ReadScope" AS ENUM ('whole', 'head', 'parts');

-- CreateEnum
CREATE TYPE "PartState" AS ENUM ('pending', 'done', 'refused', 'unsettled', 'gone');

-- CreateEnum
CREATE TYPE "ObjectOutcome" AS ENUM ('landed', 'loaded', 'superseded', 'failed');

-- CreateEnum
CREATE TYPE "LedgerState" AS ENUM ('waiting', 'loaded', 'failed');

-- CreateTable
CREATE TABLE "User" (
    "id" TEXT NOT NULL,
    "name" TEXT,
    "email" TEXT,
    "emailVerified" TIMESTAMPTZ(3),
    "image" TEXT,
    "spotifyAccountId" TEXT,
    "spotifyUserId" TEXT,
    "isAdmin" BOOLEAN NOT NULL DEFAULT false,
    "zone" TEXT,
    "weekStart" INTEGER NOT NULL DEFAULT 1,
    "dataVersion" INTEGER NOT NULL DEFAULT 0,
    "dataAsOf" TIMESTAMPTZ(3),
    "erasingAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Account" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "providerAccountId" TEXT NOT NULL,
    "refresh_token" TEXT,
    "access_token" TEXT,
    "expires_at" INTEGER,
    "token_type" TEXT,
    "scope" TEXT,
    "id_token" TEXT,
    "session_state" TEXT,
    "spotifyAppId" TEXT,
    "authorizedAt" TIMESTAMPTZ(3),
    "consent" "Consent" NOT NULL DEFAULT 'given',
    "consentProblem" TEXT,
    "disconnectedAt" TIMESTAMPTZ(3),
    "refreshingUntil" TIMESTAMPTZ(3),

    CONSTRAINT "Account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Session" (
    "id" TEXT NOT NULL,
    "sessionToken" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "expires" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "VerificationToken" (
    "identifier" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "expires" TIMESTAMPTZ(3) NOT NULL
);

-- CreateTable
CREATE TABLE "SpotifyApp" (
    "id" TEXT NOT NULL,
    "clientId" TEXT NOT NULL,
    "clientSecret" TEXT,
    "developerAccount" TEXT NOT NULL,
    "capabilities" JSONB,
    "probedAt" TIMESTAMPTZ(3),
    "problem" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "SpotifyApp_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "WarehouseConnection" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "kind" "WarehouseKind" NOT NULL,
    "settings" JSONB NOT NULL DEFAULT '{}',
    "secrets" TEXT,
    "state" TEXT NOT NULL DEFAULT 'ready',
    "problem" TEXT,
    "remedy" TEXT,
    "loadingUntil" TIMESTAMPTZ(3),
    "loadingBy" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "WarehouseConnection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Schedule" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "group" TEXT NOT NULL,
    "paused" BOOLEAN NOT NULL DEFAULT false,
    "nextAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Schedule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Run" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "kind" "RunKind" NOT NULL,
    "trigger" "RunTrigger" NOT NULL,
    "byUserId" TEXT,
    "rerunOf" TEXT,
    "state" "RunState" NOT NULL DEFAULT 'queued',
    "queuedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),
    "waitingUntil" TIMESTAMPTZ(3),
    "problem" TEXT,
    "remedy" TEXT,
    "cancelledAt" TIMESTAMPTZ(3),

    CONSTRAINT "Run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "StreamRun" (
    "id" TEXT NOT NULL,
    "runId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "stream" TEXT NOT NULL,
    "position" INTEGER NOT NULL DEFAULT 0,
    "state" "RunState" NOT NULL DEFAULT 'queued',
    "attempt" INTEGER NOT NULL DEFAULT 1,
    "instants" TIMESTAMPTZ(3)[],
    "pages" INTEGER NOT NULL DEFAULT 0,
    "items" INTEGER NOT NULL DEFAULT 0,
    "rowsNew" INTEGER NOT NULL DEFAULT 0,
    "rowsChanged" INTEGER NOT NULL DEFAULT 0,
    "rowsUnchanged" INTEGER NOT NULL DEFAULT 0,
    "rowsRemoved" INTEGER NOT NULL DEFAULT 0,
    "rejected" JSONB NOT NULL DEFAULT '{}',
    "bytes" INTEGER NOT NULL DEFAULT 0,
    "requests" INTEGER NOT NULL DEFAULT 0,
    "expected" INTEGER,
    "phase" TEXT,
    "queuedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sentAt" TIMESTAMPTZ(3),
    "startedAt" TIMESTAMPTZ(3),
    "extractedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),
    "waitingUntil" TIMESTAMPTZ(3),
    "problem" TEXT,
    "remedy" TEXT,

    CONSTRAINT "StreamRun_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "StreamRunLine" (
    "id" SERIAL NOT NULL,
    "streamRunId" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "level" TEXT NOT NULL,
    "message" TEXT NOT NULL,

    CONSTRAINT "StreamRunLine_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "StreamRead" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "streamRunId" TEXT,
    "stream" TEXT NOT NULL,
    "state" "ReadState" NOT NULL DEFAULT 'open',
    "scope" "ReadScope" NOT NULL DEFAULT 'whole',
    "syncedAt" TIMESTAMPTZ(3) NOT NULL,
    "expected" INTEGER,
    "head" JSONB,
    "restarts" INTEGER NOT NULL DEFAULT 0,
    "pages" INTEGER NOT NULL DEFAULT 0,
    "items" INTEGER NOT NULL DEFAULT 0,
    "rejected" JSONB NOT NULL DEFAULT '{}',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "completedAt" TIMESTAMPTZ(3),

    CONSTRAINT "StreamRead_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ReadPart" (
    "readId" TEXT NOT NULL,
    "part" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "state" "PartState" NOT NULL DEFAULT 'pending',
    "position" INTEGER NOT NULL,
    "expected" INTEGER,
    "head" JSONB,
    "restarts" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "ReadPart_pkey" PRIMARY KEY ("readId","part")
);

-- CreateTable
CREATE TABLE "LandedObject" (
    "id" TEXT NOT NULL,
    "readId" TEXT NOT NULL,
    "page" INTEGER NOT NULL,
    "part" TEXT,
    "request" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "items" INTEGER NOT NULL,
    "bytes" INTEGER NOT NULL,
    "identities" BYTEA NOT NULL,
    "parts" JSONB,
    "cursor" TEXT,
    "outcome" "ObjectOutcome" NOT NULL DEFAULT 'landed',
    "moved" BOOLEAN NOT NULL DEFAULT false,
    "landedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "LandedObject_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "LoadLedger" (
    "readId" TEXT NOT NULL,
    "connectionId" TEXT NOT NULL,
    "state" "LedgerState" NOT NULL DEFAULT 'waiting',
    "rowsNew" INTEGER NOT NULL DEFAULT 0,
    "rowsChanged" INTEGER NOT NULL DEFAULT 0,
    "rowsUnchanged" INTEGER NOT NULL DEFAULT 0,
    "rowsRemoved" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "problem" TEXT,
    "remedy" TEXT,
    "loadedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "LoadLedger_pkey" PRIMARY KEY ("readId","connectionId")
);

-- CreateTable
CREATE TABLE "Bookmark" (
    "userId" TEXT NOT NULL,
    "stream" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Bookmark_pkey" PRIMARY KEY ("userId","stream","name")
);

-- CreateTable
CREATE TABLE "Poll" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "oldest" TIMESTAMPTZ(3),
    "newest" TIMESTAMPTZ(3),
    "count" INTEGER NOT NULL,
    "newCount" INTEGER NOT NULL,
    "overlapped" BOOLEAN,

    CONSTRAINT "Poll_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RequestLimit" (
    "spotifyAppId" TEXT NOT NULL,
    "group" TEXT NOT NULL,
    "share" DOUBLE PRECISION NOT NULL DEFAULT 1,
    "windowLimit" INTEGER,
    "learnedAt" TIMESTAMPTZ(3),
    "blockedUntil" TIMESTAMPTZ(3),

    CONSTRAINT "RequestLimit_pkey" PRIMARY KEY ("spotifyAppId","group")
);

-- CreateTable
CREATE TABLE "RequestSlot" (
    "id" TEXT NOT NULL,
    "spotifyAppId" TEXT NOT NULL,
    "group" TEXT NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),
    "refused" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "RequestSlot_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "QuotaHour" (
    "developerAccount" TEXT NOT NULL,
    "group" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "requests" INTEGER NOT NULL DEFAULT 0,
    "refused" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "QuotaHour_pkey" PRIMARY KEY ("developerAccount","group","hour")
);

-- CreateTable
CREATE TABLE "QuotaGroup" (
    "developerAccount" TEXT NOT NULL,
    "group" TEXT NOT NULL,
    "dayLimit" INTEGER,
    "blockedUntil" TIMESTAMPTZ(3),
    "learnedAt" TIMESTAMPTZ(3),

    CONSTRAINT "QuotaGroup_pkey" PRIMARY KEY ("developerAccount","group")
);

-- CreateTable
CREATE TABLE "AuditEvent" (
    "id" SERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT,
    "action" TEXT NOT NULL,
    "subject" TEXT,
    "detail" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "AuditEvent_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");

-- CreateIndex
CREATE UNIQUE INDEX "User_spotifyAccountId_key" ON "User"("spotifyAccountId");

-- CreateIndex
CREATE INDEX "Account_userId_idx" ON "Account"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "Account_provider_providerAccountId_key" ON "Account"("provider", "providerAccountId");

-- CreateIndex
CREATE UNIQUE INDEX "Session_sessionToken_key" ON "Session"("sessionToken");

-- CreateIndex
CREATE INDEX "Session_userId_idx" ON "Session"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "VerificationToken_token_key" ON "VerificationToken"("token");

-- CreateIndex
CREATE UNIQUE INDEX "VerificationToken_identifier_token_key" ON "VerificationToken"("identifier", "token");

-- CreateIndex
CREATE UNIQUE INDEX "SpotifyApp_clientId_key" ON "SpotifyApp"("clientId");

-- CreateIndex
CREATE UNIQUE INDEX "WarehouseConnection_userId_kind_key" ON "WarehouseConnection"("userId", "kind");

-- CreateIndex
CREATE INDEX "Schedule_nextAt_idx" ON "Schedule"("nextAt");

-- CreateIndex
CREATE UNIQUE INDEX "Schedule_userId_group_key" ON "Schedule"("userId", "group");

-- CreateIndex
CREATE INDEX "Run_userId_queuedAt_id_idx" ON "Run"("userId", "queuedAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "Run_queuedAt_id_idx" ON "Run"("queuedAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "Run_state_idx" ON "Run"("state");

-- CreateIndex
CREATE INDEX "StreamRun_userId_stream_endedAt_idx" ON "StreamRun"("userId", "stream", "endedAt" DESC);

-- CreateIndex
CREATE INDEX "StreamRun_state_sentAt_idx" ON "StreamRun"("state", "sentAt");

-- CreateIndex
CREATE UNIQUE INDEX "StreamRun_runId_stream_key" ON "StreamRun"("runId", "stream");

-- CreateIndex
CREATE INDEX "StreamRunLine_streamRunId_id_idx" ON "StreamRunLine"("streamRunId", "id");

-- CreateIndex
CREATE INDEX "StreamRead_userId_stream_state_syncedAt_idx" ON "StreamRead"("userId", "stream", "state", "syncedAt" DESC);

-- CreateIndex
CREATE INDEX "StreamRead_streamRunId_idx" ON "StreamRead"("streamRunId");

-- CreateIndex
CREATE INDEX "LandedObject_moved_outcome_idx" ON "LandedObject"("moved", "outcome");

-- CreateIndex
CREATE UNIQUE INDEX "LandedObject_readId_page_key" ON "LandedObject"("readId", "page");

-- CreateIndex
CREATE INDEX "LoadLedger_connectionId_state_idx" ON "LoadLedger"("connectionId", "state");

-- CreateIndex
CREATE INDEX "Poll_userId_at_idx" ON "Poll"("userId", "at" DESC);

-- CreateIndex
CREATE INDEX "RequestSlot_spotifyAppId_startedAt_idx" ON "RequestSlot"("spotifyAppId", "startedAt");

-- CreateIndex
CREATE INDEX "AuditEvent_at_idx" ON "AuditEvent"("at" DESC);

-- AddForeignKey
ALTER TABLE "Account" ADD CONSTRAINT "Account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Account" ADD CONSTRAINT "Account_spotifyAppId_fkey" FOREIGN KEY ("spotifyAppId") REFERENCES "SpotifyApp"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Session" ADD CONSTRAINT "Session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WarehouseConnection" ADD CONSTRAINT "WarehouseConnection_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Schedule" ADD CONSTRAINT "Schedule_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Run" ADD CONSTRAINT "Run_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "StreamRun" ADD CONSTRAINT "StreamRun_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "StreamRunLine" ADD CONSTRAINT "StreamRunLine_streamRunId_fkey" FOREIGN KEY ("streamRunId") REFERENCES "StreamRun"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "StreamRead" ADD CONSTRAINT "StreamRead_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "StreamRead" ADD CONSTRAINT "StreamRead_streamRunId_fkey" FOREIGN KEY ("streamRunId") REFERENCES "StreamRun"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ReadPart" ADD CONSTRAINT "ReadPart_readId_fkey" FOREIGN KEY ("readId") REFERENCES "StreamRead"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LandedObject" ADD CONSTRAINT "LandedObject_readId_fkey" FOREIGN KEY ("readId") REFERENCES "StreamRead"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LoadLedger" ADD CONSTRAINT "LoadLedger_readId_fkey" FOREIGN KEY ("readId") REFERENCES "StreamRead"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LoadLedger" ADD CONSTRAINT "LoadLedger_connectionId_fkey" FOREIGN KEY ("connectionId") REFERENCES "WarehouseConnection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Poll" ADD CONSTRAINT "Poll_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RequestLimit" ADD CONSTRAINT "RequestLimit_spotifyAppId_fkey" FOREIGN KEY ("spotifyAppId") REFERENCES "SpotifyApp"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- One active stream run for each listener and stream, and one open read: exclusion that no crash can forget.
CREATE UNIQUE INDEX "StreamRun_one_active" ON "StreamRun"("userId", "stream") WHERE "state" IN ('queued', 'running', 'waiting');
CREATE UNIQUE INDEX "StreamRead_one_open" ON "StreamRead"("userId", "stream") WHERE "state" = 'open';

-- Takes a place for one request of a Spotify app, or says until when there is none. In one call, because every page of
-- every listener asks for it: the lock on the app's row '*' makes askers take turns, and each statement after it sees
-- what the asker before wrote.
CREATE FUNCTION take_request_slot(
  app TEXT, account TEXT, asked_group TEXT, slot TEXT, most_in_flight INT, asked_at TIMESTAMPTZ,
  window_length INTERVAL, lease INTERVAL
) RETURNS TABLE (taken BOOLEAN, wait_until TIMESTAMPTZ) LANGUAGE plpgsql AS $$
DECLARE
  whole "RequestLimit";
  own "RequestLimit";
  quota_until TIMESTAMPTZ;
  flying INT;
  within INT;
  oldest TIMESTAMPTZ;
BEGIN
  INSERT INTO "RequestLimit" ("spotifyAppId", "group") VALUES (app, '*'), (app, asked_group) ON CONFLICT DO NOTHING;
  SELECT * INTO whole FROM "RequestLimit" WHERE "spotifyAppId" = app AND "group" = '*' FOR UPDATE;
  SELECT * INTO own FROM "RequestLimit" WHERE "spotifyAppId" = app AND "group" = asked_group;
  SELECT "blockedUntil" INTO quota_until FROM "QuotaGroup" WHERE "developerAccount" = account AND "group" = asked_group;
  wait_until := GREATEST(whole."blockedUntil", own."blockedUntil", quota_until);
  taken := FALSE;
  IF wait_until > asked_at THEN RETURN NEXT; RETURN; END IF;
  wait_until := NULL;

  SELECT count(*) FILTER (WHERE s."group" = asked_group AND s."endedAt" IS NULL AND s."expiresAt" > asked_at),
         count(*) FILTER (WHERE NOT s.refused), min(s."startedAt") FILTER (WHERE NOT s.refused)
    INTO flying, within, oldest
    FROM "RequestSlot" s WHERE s."spotifyAppId" = app AND s."startedAt" > asked_at - window_length;
  IF flying >= GREATEST(1, floor(most_in_flight * own.share)) THEN RETURN NEXT; RETURN; END IF;
  IF within >= whole."windowLimit" THEN wait_until := oldest + window_length; RETURN NEXT; RETURN; END IF;

  INSERT INTO "RequestSlot" (id, "spotifyAppId", "group", "startedAt", "expiresAt")
    VALUES (slot, app, asked_group, asked_at, asked_at + lease);
  taken := TRUE;
  RETURN NEXT;
END $$;
