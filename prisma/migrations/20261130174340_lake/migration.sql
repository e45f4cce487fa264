-- CreateEnum
CREATE TYPE "LakeState" AS ENUM ('idle', 'queued', 'publishing', 'failed');

-- CreateTable
CREATE TABLE "LakeConnection" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "state" "LakeState" NOT NULL DEFAULT 'queued',
    "daily" BOOLEAN NOT NULL DEFAULT true,
    "nextAt" TIMESTAMPTZ(3),
    "sentAt" TIMESTAMPTZ(3),
    "startedAt" TIMESTAMPTZ(3),
    "done" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER NOT NULL DEFAULT 0,
    "publishedAt" TIMESTAMPTZ(3),
    "uploadedAt" TIMESTAMPTZ(3),
    "written" INTEGER NOT NULL DEFAULT 0,
    "uploaded" INTEGER NOT NULL DEFAULT 0,
    "removed" INTEGER NOT NULL DEFAULT 0,
    "problem" TEXT,
    "remedy" TEXT,
    "problemSince" TIMESTAMPTZ(3),
    "heldBy" TEXT,
    "heldUntil" TIMESTAMPTZ(3),
    "bucket" TEXT,
    "prefix" TEXT NOT NULL DEFAULT '',
    "region" TEXT,
    "accessKeyId" TEXT,
    "secrets" TEXT,
    "glueDatabase" TEXT,
    "savedAt" TIMESTAMPTZ(3),
    "round" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "LakeConnection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "LakeFile" (
    "userId" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "name" TEXT,
    "schema" TEXT,
    "digest" TEXT NOT NULL,
    "columns" JSONB NOT NULL DEFAULT '[]',
    "fields" JSONB NOT NULL DEFAULT '{}',
    "rows" INTEGER NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL,
    "hash" TEXT NOT NULL,
    "publishedAt" TIMESTAMPTZ(3) NOT NULL,
    "before" JSONB,
    "isGone" BOOLEAN NOT NULL DEFAULT false,
    "objectHash" TEXT,
    "etag" TEXT,
    "pendingHash" TEXT,
    "glueTable" TEXT,

    CONSTRAINT "LakeFile_pkey" PRIMARY KEY ("userId","path")
);

-- CreateIndex
CREATE UNIQUE INDEX "LakeConnection_userId_key" ON "LakeConnection"("userId");

-- CreateIndex
CREATE INDEX "LakeConnection_nextAt_idx" ON "LakeConnection"("nextAt");

-- AddForeignKey
ALTER TABLE "LakeConnection" ADD CONSTRAINT "LakeConnection_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LakeFile" ADD CONSTRAINT "LakeFile_userId_fkey" FOREIGN KEY ("userId") REFERENCES "LakeConnection"("userId") ON DELETE CASCADE ON UPDATE CASCADE;
