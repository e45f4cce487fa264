-- AlterTable
ALTER TABLE "WarehouseConnection" ADD COLUMN     "modelsDay" TEXT,
ADD COLUMN     "modelsProblem" TEXT,
ADD COLUMN     "modelsState" TEXT NOT NULL DEFAULT 'stale';
