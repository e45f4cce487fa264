-- CreateEnum
CREATE TYPE "ImportState" AS ENUM ('queued', 'reading', 'needs_answer', 'loading', 'done', 'failed', 'cancelled', 'undone');

-- AlterTable
ALTER TABLE "User" ADD COLUMN     "countingRule" TEXT NOT NULL DEFAULT '30s',
ADD COLUMN     "countsOtherSources" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "countsPrivate" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "countsSkips" BOOLEAN NOT NULL DEFAULT true;

-- CreateTable
CREATE TABLE "RecordingChoice" (
    "userId" TEXT NOT NULL,
    "trackId" TEXT NOT NULL,
    "recordingId" TEXT NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "RecordingChoice_pkey" PRIMARY KEY ("userId","trackId")
);

-- CreateTable
CREATE TABLE "GenreChoice" (
    "userId" TEXT NOT NULL,
    "artistId" TEXT NOT NULL,
    "genres" TEXT NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "GenreChoice_pkey" PRIMARY KEY ("userId","artistId")
);

-- CreateTable
CREATE TABLE "ArtistGenres" (
    "name" TEXT NOT NULL,
    "spelling" TEXT NOT NULL,
    "mbid" TEXT,
    "genres" TEXT,
    "weight" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "problem" TEXT,
    "fetchedAt" TIMESTAMPTZ(3),
    "nextAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ArtistGenres_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "Import" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "state" "ImportState" NOT NULL DEFAULT 'queued',
    "names" TEXT[],
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "question" JSONB,
    "answers" JSONB NOT NULL DEFAULT '{}',
    "done" BIGINT NOT NULL DEFAULT 0,
    "total" BIGINT NOT NULL DEFAULT 0,
    "read" INTEGER NOT NULL DEFAULT 0,
    "new" INTEGER NOT NULL DEFAULT 0,
    "paired" INTEGER NOT NULL DEFAULT 0,
    "duplicate" INTEGER NOT NULL DEFAULT 0,
    "rejected" JSONB NOT NULL DEFAULT '{}',
    "problem" TEXT,
    "remedy" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),
    "cancelledAt" TIMESTAMPTZ(3),
    "undoneAt" TIMESTAMPTZ(3),
    "heldUntil" TIMESTAMPTZ(3),
    "heldBy" TEXT,

    CONSTRAINT "Import_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ImportMember" (
    "importId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "file" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "read" INTEGER NOT NULL DEFAULT 0,
    "new" INTEGER NOT NULL DEFAULT 0,
    "paired" INTEGER NOT NULL DEFAULT 0,
    "duplicate" INTEGER NOT NULL DEFAULT 0,
    "rejected" JSONB NOT NULL DEFAULT '{}',
    "problem" TEXT,

    CONSTRAINT "ImportMember_pkey" PRIMARY KEY ("importId","position")
);

-- CreateTable
CREATE TABLE "ImportRejection" (
    "importId" TEXT NOT NULL,
    "member" INTEGER NOT NULL,
    "row" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "values" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "ImportRejection_pkey" PRIMARY KEY ("importId","member","row")
);

-- CreateIndex
CREATE INDEX "ArtistGenres_fetchedAt_nextAt_weight_idx" ON "ArtistGenres"("fetchedAt", "nextAt", "weight" DESC);

-- CreateIndex
CREATE INDEX "Import_userId_createdAt_idx" ON "Import"("userId", "createdAt" DESC);

-- CreateIndex
CREATE INDEX "Import_state_idx" ON "Import"("state");

-- AddForeignKey
ALTER TABLE "RecordingChoice" ADD CONSTRAINT "RecordingChoice_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "GenreChoice" ADD CONSTRAINT "GenreChoice_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Import" ADD CONSTRAINT "Import_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ImportMember" ADD CONSTRAINT "ImportMember_importId_fkey" FOREIGN KEY ("importId") REFERENCES "Import"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ImportRejection" ADD CONSTRAINT "ImportRejection_importId_fkey" FOREIGN KEY ("importId") REFERENCES "Import"("id") ON DELETE CASCADE ON UPDATE CASCADE;
