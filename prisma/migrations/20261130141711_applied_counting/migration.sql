-- AlterTable
ALTER TABLE "User" ADD COLUMN     "recordingsAt" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "WarehouseConnection" ADD COLUMN     "countingApplied" TEXT,
ADD COLUMN     "recordingsUntil" TIMESTAMPTZ(3);
