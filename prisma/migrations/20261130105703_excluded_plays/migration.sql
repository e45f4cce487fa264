-- AlterTable
ALTER TABLE "WarehouseConnection" ADD COLUMN     "exclusionsUntil" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "ExcludedPlay" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "playedAt" TIMESTAMPTZ(3) NOT NULL,
    "uri" TEXT NOT NULL,
    "shownAt" TIMESTAMPTZ(3) NOT NULL,
    "shownUri" TEXT NOT NULL,
    "excluded" BOOLEAN NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,
    "appliedAt" TIMESTAMPTZ(3),

    CONSTRAINT "ExcludedPlay_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "ExcludedPlay_userId_changedAt_idx" ON "ExcludedPlay"("userId", "changedAt");

-- AddForeignKey
ALTER TABLE "ExcludedPlay" ADD CONSTRAINT "ExcludedPlay_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
