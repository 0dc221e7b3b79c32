ALTER TABLE "users"."sessions" ADD COLUMN "outside_key" text;--> statement-breakpoint
ALTER TABLE "users"."signing_keys" ADD COLUMN "signs_from" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "sessions_outside" ON "users"."sessions" USING btree ("outside_key") WHERE "users"."sessions"."outside_key" is not null;