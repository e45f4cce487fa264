-- AlterTable
ALTER TABLE "GenreChoice" ALTER COLUMN "genres" DROP NOT NULL;

-- AlterTable
ALTER TABLE "User" ADD COLUMN     "genresQueuedAt" TIMESTAMPTZ(3),
ADD COLUMN     "genresWaiting" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "WarehouseConnection" ADD COLUMN     "genresLoaded" TEXT;

-- CreateTable
CREATE TABLE "MusicBrainzPace" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "freeAt" TIMESTAMPTZ(3) NOT NULL,
    "heldBy" TEXT,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "problem" TEXT,
    "problemAt" TIMESTAMPTZ(3),

    CONSTRAINT "MusicBrainzPace_pkey" PRIMARY KEY ("id")
);
