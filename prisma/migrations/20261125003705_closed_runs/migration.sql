-- AlterTable
ALTER TABLE "Run" ADD COLUMN     "closedAt" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "Run_closedAt_endedAt_idx" ON "Run"("closedAt", "endedAt");

-- What ended before this was closed by the versions before this.
UPDATE "Run" SET "closedAt" = "endedAt" WHERE "endedAt" IS NOT NULL;
