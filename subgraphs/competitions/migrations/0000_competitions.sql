CREATE TABLE "competitions"."competitions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"organizer_id" uuid NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"metric" text NOT NULL,
	"starts_at" timestamp (3) with time zone NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL,
	"time_zone" text NOT NULL,
	"visibility" text NOT NULL,
	"capacity" integer,
	"minimum_participants" integer NOT NULL,
	"participant_count" integer DEFAULT 0 NOT NULL,
	"status" text NOT NULL,
	"opened_at" timestamp (3) with time zone,
	"sync_until" timestamp (3) with time zone,
	"digest" text,
	"reason" text,
	"name_version" integer DEFAULT 0 NOT NULL,
	"invitation_hash" text,
	"words" "tsvector" NOT NULL,
	CONSTRAINT "competitions_capacity" CHECK ("competitions"."competitions"."participant_count" between 0 and coalesce("competitions"."competitions"."capacity", 2147483647)),
	CONSTRAINT "competitions_opened" CHECK ("competitions"."competitions"."status" in ('DRAFT', 'CANCELLED') or ("competitions"."competitions"."opened_at" is not null and "competitions"."competitions"."sync_until" is not null))
);
--> statement-breakpoint
CREATE TABLE "competitions"."participations" (
	"competition_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"status" text NOT NULL,
	"joined_at" timestamp (3) with time zone NOT NULL,
	"version" integer NOT NULL,
	CONSTRAINT "participations_competition_id_user_id_pk" PRIMARY KEY("competition_id","user_id")
);
--> statement-breakpoint
ALTER TABLE "competitions"."participations" ADD CONSTRAINT "participations_competition_id_competitions_id_fk" FOREIGN KEY ("competition_id") REFERENCES "competitions"."competitions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "competitions_starts_at_id_index" ON "competitions"."competitions" USING btree ("starts_at","id");--> statement-breakpoint
CREATE INDEX "competitions_organizer_id_index" ON "competitions"."competitions" USING btree ("organizer_id");--> statement-breakpoint
CREATE INDEX "competitions_words_index" ON "competitions"."competitions" USING gin ("words");--> statement-breakpoint
CREATE INDEX "participations_user_id_competition_id_index" ON "competitions"."participations" USING btree ("user_id","competition_id");--> statement-breakpoint
CREATE INDEX "participations_joined" ON "competitions"."participations" USING btree ("competition_id","joined_at","user_id") WHERE status = 'JOINED';