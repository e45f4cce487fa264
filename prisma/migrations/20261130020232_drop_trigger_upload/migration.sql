-- No run was ever started by an upload.
CREATE TYPE "RunTrigger_new" AS ENUM ('sign_in', 'schedule', 'manual', 'rerun');
ALTER TABLE "Run" ALTER COLUMN "trigger" TYPE "RunTrigger_new" USING ("trigger"::text::"RunTrigger_new");
ALTER TYPE "RunTrigger" RENAME TO "RunTrigger_old";
ALTER TYPE "RunTrigger_new" RENAME TO "RunTrigger";
DROP TYPE "public"."RunTrigger_old";

-- Stored results of these charts lack the columns that they have now. They are prepared again when a page asks for them.
DELETE FROM "PreparedAnswer" WHERE "question" LIKE 'figures %' OR "question" LIKE 'last-week %';
