-- AlterEnum
ALTER TYPE "PartState" ADD VALUE 'unconfirmed';

-- AlterTable
ALTER TABLE "LandedObject" ADD COLUMN     "hasNext" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "withheld" JSONB;

-- AlterTable
ALTER TABLE "ReadPart" ADD COLUMN     "pageSize" INTEGER,
ADD COLUMN     "withheldPrint" TEXT;

-- AlterTable
ALTER TABLE "StreamRead" ADD COLUMN     "failedRequest" TEXT,
ADD COLUMN     "failures" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "pageSize" INTEGER,
ADD COLUMN     "unplaced" INTEGER,
ADD COLUMN     "withheld" INTEGER,
ADD COLUMN     "withheldPrint" TEXT;

-- AlterTable
ALTER TABLE "StreamRun" ADD COLUMN     "withheld" INTEGER NOT NULL DEFAULT 0;
