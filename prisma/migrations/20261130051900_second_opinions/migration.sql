-- AlterTable
ALTER TABLE "SpotifyApp" ADD COLUMN     "refusals" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "CapabilityDenial" (
    "spotifyAppId" TEXT NOT NULL,
    "capability" TEXT NOT NULL,
    "refusals" INTEGER NOT NULL DEFAULT 1,
    "refusedAt" TIMESTAMPTZ(3) NOT NULL,
    "probeAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CapabilityDenial_pkey" PRIMARY KEY ("spotifyAppId","capability")
);

-- CreateIndex
CREATE INDEX "CapabilityDenial_probeAt_idx" ON "CapabilityDenial"("probeAt");

-- AddForeignKey
ALTER TABLE "CapabilityDenial" ADD CONSTRAINT "CapabilityDenial_spotifyAppId_fkey" FOREIGN KEY ("spotifyAppId") REFERENCES "SpotifyApp"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Apps that are paused have been so for a while, and their listeners are notified.
UPDATE "SpotifyApp" SET "refusals" = 2 WHERE "problem" IS NOT NULL;

-- Until now one denial was believed for good. Each stays believed and is asked about again an hour from now.
INSERT INTO "CapabilityDenial" ("spotifyAppId", "capability", "refusals", "refusedAt", "probeAt")
SELECT app.id, denied.key, 1, coalesce(app."probedAt", now()), now() + interval '1 hour'
FROM "SpotifyApp" app,
  jsonb_each(CASE WHEN jsonb_typeof(app.capabilities) = 'object' THEN app.capabilities END) denied
WHERE denied.value = 'false'::jsonb;
