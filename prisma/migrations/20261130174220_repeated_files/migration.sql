-- AlterTable
ALTER TABLE "Import" ADD COLUMN     "digests" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "ImportMember" ADD COLUMN     "fileIndex" INTEGER,
ADD COLUMN     "place" INTEGER,
ADD COLUMN     "sameAs" TEXT,
ADD COLUMN     "samePosition" INTEGER;
