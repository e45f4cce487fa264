-- AlterTable
ALTER TABLE "PreparedAnswer" ADD COLUMN     "shownAt" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "WarehouseConnection" ADD COLUMN     "pageQueriedAt" TIMESTAMPTZ(3),
ADD COLUMN     "pageStarts" INTEGER NOT NULL DEFAULT 0;
