-- AlterTable
ALTER TABLE "StreamRun" ADD COLUMN     "unavailable" BOOLEAN NOT NULL DEFAULT false;

-- The streams that are offered to few apps were Spotify's three charts. Their runs no longer count as incomplete.
UPDATE "StreamRun" SET "unavailable" = true
WHERE "state" = 'skipped'
  AND "stream" IN ('global_top_tracks_daily_stream', 'global_top_tracks_weekly_stream', 'global_viral_tracks_daily_stream');

UPDATE "Trouble" SET "endedAt" = now()
WHERE "endedAt" IS NULL AND "kind" = 'part'
  AND "stream" IN ('global_top_tracks_daily_stream', 'global_top_tracks_weekly_stream', 'global_viral_tracks_daily_stream')
  AND EXISTS (
    SELECT 1 FROM "StreamRun" s WHERE s."runId" = "Trouble"."runId" AND s."stream" = "Trouble"."stream" AND s."unavailable"
  );
