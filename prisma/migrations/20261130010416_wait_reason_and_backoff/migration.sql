-- CreateEnum
CREATE TYPE "WaitReason" AS ENUM ('pause', 'quota', 'budget', 'reserve', 'premium_lapsed', 'warehouse', 'other');

-- AlterTable
ALTER TABLE "StreamRun" ADD COLUMN     "pausesInRow" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "waitReason" "WaitReason";

-- Until now the reason stood in the sentence alone. A run that waits for its load says so by its phase.
UPDATE "StreamRun" SET "waitReason" = CASE
  WHEN "phase" = 'loading' THEN 'warehouse'
  WHEN "problem" = 'The Premium subscription of the Spotify app''s owner has lapsed' THEN 'premium_lapsed'
  WHEN "problem" IN ('Spotify asks for a pause', 'The app has asked Spotify as often as it may for now') THEN 'pause'
  WHEN "problem" = 'Spotify answers no more requests of this kind today' THEN 'quota'
  WHEN "problem" = 'The requests of this kind that Spotify allows in 24 hours are used up' THEN 'budget'
  WHEN "problem" = 'What is left of the requests that Spotify allows in 24 hours is kept for recently played' THEN 'reserve'
  ELSE 'other'
END::"WaitReason"
WHERE "state" = 'waiting';
