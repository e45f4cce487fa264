-- CreateEnum
CREATE TYPE "AlertKind" AS ENUM ('stream', 'part', 'consent', 'stale', 'loading', 'warehouse', 'premium', 'other');

-- AlterTable
ALTER TABLE "Message" ADD COLUMN     "reminderDays" INTEGER;

-- AlterTable
ALTER TABLE "Trouble" ADD COLUMN     "kind" "AlertKind",
ADD COLUMN     "stream" TEXT;

-- Until now "what" said both, as stream:<name>, part:<name>, consent … One that nobody knows keeps what it was about.
UPDATE "Trouble" SET
  "kind" = CASE
    WHEN "what" LIKE 'stream:%' THEN 'stream'
    WHEN "what" LIKE 'part:%' THEN 'part'
    WHEN "what" IN ('consent', 'stale', 'loading', 'warehouse', 'premium') THEN "what"
    ELSE 'other'
  END::"AlertKind",
  "stream" = CASE
    WHEN "what" LIKE 'stream:%' OR "what" LIKE 'part:%' THEN substr("what", strpos("what", ':') + 1)
    WHEN "what" NOT IN ('consent', 'stale', 'loading', 'warehouse', 'premium') THEN "what"
  END;

-- AlterTable: the index over "what" goes with it.
ALTER TABLE "Trouble" DROP COLUMN "what",
ALTER COLUMN "kind" SET NOT NULL;

-- One alert of a kind and stream is open at a time: it is sent once.
CREATE UNIQUE INDEX "Trouble_one_open" ON "Trouble"("userId", "kind", (coalesce("stream", ''))) WHERE "endedAt" IS NULL;

-- Until now a reminder was known by the end of its subject: "<when the consent was given> <days>".
UPDATE "Message" SET "reminderDays" = split_part("subject", ' ', 2)::INT
WHERE "event" = 'consent ending' AND "subject" ~ '^\S+Z \d{1,3}$';
