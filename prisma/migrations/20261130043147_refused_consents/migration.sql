-- AlterEnum
ALTER TYPE "WaitReason" ADD VALUE 'consent';

-- AlterTable
ALTER TABLE "Account" ADD COLUMN     "refusals" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "refusedAt" TIMESTAMPTZ(3),
ADD COLUMN     "retryAt" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "Account_retryAt_idx" ON "Account"("retryAt");

-- Until now one refusal ended a consent, and its token was kept but never tried again. Each gets its later opinion.
UPDATE "Account" SET "refusals" = 1, "refusedAt" = now(), "retryAt" = now()
WHERE "consent" = 'reconnect' AND "refresh_token" IS NOT NULL AND "authorizedAt" > now() - interval '180 days';
