CREATE TABLE "notifications"."announcements" (
	"competition_id" uuid NOT NULL,
	"cause" text NOT NULL,
	"title" text NOT NULL,
	"body" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "announcements_competition_id_cause_pk" PRIMARY KEY("competition_id","cause")
);
--> statement-breakpoint
CREATE TABLE "notifications"."competitions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"organizer_id" uuid,
	"version" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notifications"."feed_items" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"position" bigint NOT NULL,
	"dedupe_key" text NOT NULL,
	"category" text NOT NULL,
	"title" text NOT NULL,
	"body" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"read_at" timestamp (3) with time zone,
	"competition_id" uuid,
	"about_id" uuid,
	"mover_ids" uuid[] DEFAULT '{}' NOT NULL,
	CONSTRAINT "feed_items_user_id_position_unique" UNIQUE("user_id","position"),
	CONSTRAINT "feed_items_user_id_dedupe_key_unique" UNIQUE("user_id","dedupe_key")
);
--> statement-breakpoint
CREATE TABLE "notifications"."feeds" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"last_position" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notifications"."overtakings" (
	"competition_id" uuid NOT NULL,
	"mover_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "overtakings_competition_id_mover_id_version_pk" PRIMARY KEY("competition_id","mover_id","version")
);
--> statement-breakpoint
CREATE TABLE "notifications"."participants" (
	"competition_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"joined" boolean NOT NULL,
	CONSTRAINT "participants_competition_id_user_id_pk" PRIMARY KEY("competition_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "notifications"."people" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"display_name" text NOT NULL,
	"version" integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX "feed_items_unread" ON "notifications"."feed_items" USING btree ("user_id","position") WHERE "notifications"."feed_items"."read_at" is null;--> statement-breakpoint
CREATE INDEX "feed_items_rank" ON "notifications"."feed_items" USING btree ("user_id","competition_id","at") WHERE "notifications"."feed_items"."category" = 'RANK';--> statement-breakpoint
CREATE INDEX "overtakings_at_index" ON "notifications"."overtakings" USING btree ("at");