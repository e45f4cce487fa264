-- AlterTable
ALTER TABLE "WarehouseConnection" ADD COLUMN     "pairingLoaded" TEXT;
