CREATE INDEX "sessions_outside_open" ON "users"."sessions" USING btree ("last_used_at") WHERE "users"."sessions"."outside_key" is not null and "users"."sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_outside_ended" ON "users"."sessions" USING btree ("ended_at") WHERE "users"."sessions"."outside_key" is not null and "users"."sessions"."ended_at" is not null;--> statement-breakpoint
-- A session that goes on under another id has left what the issuer calls it behind: to that id it belongs alone.
UPDATE "users"."sessions" AS "ended" SET "outside_key" = NULL
WHERE "ended_at" IS NOT NULL AND EXISTS (
	SELECT FROM "users"."sessions" AS "open" WHERE "open"."outside_key" = "ended"."outside_key" AND "open"."ended_at" IS NULL);
