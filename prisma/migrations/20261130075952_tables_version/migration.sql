-- AlterTable
ALTER TABLE "WarehouseConnection" ADD COLUMN     "tablesVersion" INTEGER NOT NULL DEFAULT 0;
