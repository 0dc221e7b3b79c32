CREATE TABLE "notifications"."emails" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"attempts" integer NOT NULL,
	"reason" text,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notifications"."outbox" (
	"position" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "notifications"."outbox_position_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"email_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"to" text NOT NULL,
	"subject" text NOT NULL,
	"text" text NOT NULL,
	"html" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "outbox_email_id_unique" UNIQUE("email_id")
);
--> statement-breakpoint
ALTER TABLE "notifications"."feeds" ADD COLUMN "erased_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "notifications"."people" ADD COLUMN "erased_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "emails_user_id_index" ON "notifications"."emails" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "emails_at_index" ON "notifications"."emails" USING btree ("at");--> statement-breakpoint
CREATE INDEX "feed_items_about" ON "notifications"."feed_items" USING btree ("about_id") WHERE "notifications"."feed_items"."about_id" is not null;