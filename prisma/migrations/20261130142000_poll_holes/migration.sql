-- Few polls are holes, and every page asks for them. Prisma's schema can't describe partial indexes.
CREATE INDEX "Poll_holes" ON "Poll"("userId", "at") WHERE "overlapped" = false;
