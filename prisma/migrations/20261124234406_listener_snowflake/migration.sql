-- CreateEnum
CREATE TYPE "Cadence" AS ENUM ('daily', 'six_hourly', 'hourly', 'every_extract');

-- AlterTable
ALTER TABLE "WarehouseConnection" ADD COLUMN     "addRecordMetadata" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "cadence" "Cadence" NOT NULL DEFAULT 'daily',
ADD COLUMN     "compared" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "comparedAt" TIMESTAMPTZ(3),
ADD COLUMN     "copy" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "copyStreams" TEXT[],
ADD COLUMN     "loadAfter" TIMESTAMPTZ(3),
ADD COLUMN     "loggedUntil" TIMESTAMPTZ(3),
ADD COLUMN     "memory" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "methods" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "problemSince" TIMESTAMPTZ(3),
ADD COLUMN     "savedAt" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "SnowflakeKey" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "slot" INTEGER NOT NULL,
    "publicKey" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "privateKey" TEXT NOT NULL,
    "usedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "SnowflakeKey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "WarehouseLoad" (
    "runId" TEXT NOT NULL,
    "connectionId" TEXT,
    "reads" INTEGER NOT NULL DEFAULT 0,
    "statements" INTEGER NOT NULL DEFAULT 0,
    "roundTrips" INTEGER NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "warehouseMs" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "WarehouseLoad_pkey" PRIMARY KEY ("runId")
);

-- CreateTable
CREATE TABLE "PreparedAnswer" (
    "userId" TEXT NOT NULL,
    "question" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT -1,
    "answer" JSONB,
    "asked" JSONB NOT NULL,
    "askedAt" TIMESTAMPTZ(3),

    CONSTRAINT "PreparedAnswer_pkey" PRIMARY KEY ("userId","question")
);

-- CreateTable
CREATE TABLE "InstanceFact" (
    "name" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "InstanceFact_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE UNIQUE INDEX "SnowflakeKey_userId_slot_key" ON "SnowflakeKey"("userId", "slot");

-- CreateIndex
CREATE INDEX "WarehouseLoad_connectionId_idx" ON "WarehouseLoad"("connectionId");

-- AddForeignKey
ALTER TABLE "SnowflakeKey" ADD CONSTRAINT "SnowflakeKey_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WarehouseLoad" ADD CONSTRAINT "WarehouseLoad_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WarehouseLoad" ADD CONSTRAINT "WarehouseLoad_connectionId_fkey" FOREIGN KEY ("connectionId") REFERENCES "WarehouseConnection"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PreparedAnswer" ADD CONSTRAINT "PreparedAnswer_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
