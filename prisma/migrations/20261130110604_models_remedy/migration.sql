-- AlterTable
ALTER TABLE "WarehouseConnection" ADD COLUMN     "modelsRemedy" TEXT;
