ALTER TABLE "users"."people" ADD COLUMN "suspended_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "users"."people" ADD COLUMN "suspension_reason" text;--> statement-breakpoint
CREATE INDEX "people_joined_at_id_index" ON "users"."people" USING btree ("joined_at","id");--> statement-breakpoint
CREATE INDEX "people_email_prefix" ON "users"."people" USING btree ("email" text_pattern_ops);--> statement-breakpoint
CREATE INDEX "people_name_prefix" ON "users"."people" USING btree (lower("display_name") text_pattern_ops);--> statement-breakpoint
CREATE INDEX "people_administrators" ON "users"."people" USING btree ("id") WHERE "users"."people"."role" = 'ADMIN';--> statement-breakpoint
CREATE INDEX "sessions_open" ON "users"."sessions" USING btree ("user_id","last_used_at") WHERE "users"."sessions"."ended_at" is null;