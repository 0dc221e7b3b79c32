CREATE TABLE "leaderboard"."boards" (
	"competition_id" uuid PRIMARY KEY NOT NULL,
	"starts_at" timestamp (3) with time zone NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL,
	"visibility" text NOT NULL,
	"organizer_id" uuid NOT NULL,
	"state" text NOT NULL,
	"rebuilds" integer DEFAULT 0 NOT NULL,
	"final_size" integer,
	"final_versions" integer,
	"digest" text,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "leaderboard"."final_standings" (
	"competition_id" uuid NOT NULL,
	"place" integer NOT NULL,
	"rank" integer NOT NULL,
	"user_id" uuid NOT NULL,
	"score" integer NOT NULL,
	"achieved_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "final_standings_competition_id_place_pk" PRIMARY KEY("competition_id","place")
);
--> statement-breakpoint
CREATE TABLE "leaderboard"."members" (
	"competition_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"joined" boolean NOT NULL,
	CONSTRAINT "members_competition_id_user_id_pk" PRIMARY KEY("competition_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "leaderboard"."standings" (
	"competition_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"computed_score" integer,
	"computed_version" bigint NOT NULL,
	"adjustment" integer NOT NULL,
	"score" integer,
	"achieved_at" timestamp (3) with time zone,
	"version" integer NOT NULL,
	"packed" bigint,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "standings_competition_id_user_id_pk" PRIMARY KEY("competition_id","user_id")
);
--> statement-breakpoint
CREATE INDEX "standings_competition_id_packed_user_id_index" ON "leaderboard"."standings" USING btree ("competition_id","packed","user_id") WHERE "leaderboard"."standings"."packed" is not null;